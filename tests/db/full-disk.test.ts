import { Kysely, PostgresDialect, sql } from 'kysely'
import { Client, Pool } from 'pg'
import { expect, test } from 'vitest'
import { DiskWatch } from '../../server/db/disk-watch.ts'
import type { Tables } from '../../server/db/schema.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/**
 * Lets Postgres refuse what takes room, as it does on a full disk: rows of messages, and the rows of a new table, which are made by a
 * function that is found before Postgres's own of that name.
 */
const FULL = `
  create function refuse_room() returns trigger language plpgsql as
    $$ begin raise exception 'No space left on device' using errcode = 'disk_full'; end $$;
  create trigger full_disk before insert on messages for each statement execute function refuse_room();
  create function public.repeat(text, integer) returns text language plpgsql as
    $$ begin raise exception 'No space left on device' using errcode = 'disk_full'; end $$;`

const FREE = 'drop trigger full_disk on messages; drop function public.repeat(text, integer);'

/** For connections that are opened from now on; the server then opens all of its own again. */
const OWN_FUNCTIONS_FIRST = `
  do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); end $$;
  select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();`

async function run(statement: string): Promise<number> {
  const client = new Client({ connectionString: server.database.url })
  await client.connect()
  try {
    return (await client.query(statement)).rowCount ?? 0
  } finally {
    await client.end()
  }
}

const readyz = async () => {
  const answer = await fetch(`${server.url}/readyz`)
  return [answer.status, await answer.json()]
}

const READY = [200, { status: 'ok', degraded: [] }]

test('/readyz says that there is no room from the first write that finds none until one would find some', async () => {
  const ada = server.caller('ada')
  await ada.auth.me()
  const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room' })
  const send = () => ada.message.send({ roomId, clientId: newId(), content: 'Hello' })
  const tables = () => run('select from pg_class')
  await run(OWN_FUNCTIONS_FIRST)
  await expect.poll(readyz).toEqual(READY)
  await run(FULL)
  const before = await tables()
  await expect(send()).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  const full = [503, { status: 'unavailable', reason: 'the database has no room to write' }]
  expect(await readyz()).toEqual(full)
  expect(await readyz()).toEqual(full)
  expect(await ada.room.get({ roomId })).toMatchObject({ id: roomId })

  await run(FREE)
  expect(await readyz()).toEqual(READY)
  expect(await tables()).toBe(before)
  await send()
  expect(await readyz()).toEqual(READY)
})

test('a database that takes no writes at all, as a standby does, is not called full', async () => {
  const disk = new DiskWatch()
  const pool = new Pool({ connectionString: server.database.url, options: '-c default_transaction_read_only=on' })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const write = sql`create table room_on_disk (n int)`.execute(db)
  await expect(write).rejects.toMatchObject({ code: '25006' })
  disk.note(await write.catch((error: unknown) => error))
  expect(await disk.hasRoom(db)).toBe(true)
  disk.note(Object.assign(new Error('No space left on device'), { code: '53100' }))
  expect(await disk.hasRoom(db)).toBe(true)
  await db.destroy()
})
