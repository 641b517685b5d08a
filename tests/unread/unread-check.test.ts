import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { checkUnread } from '../../server/unread/unread-check.ts'
import { newId, TEST_SECRET, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const run = promisify(execFile)

/** The tests' Postgres does not wait for the disk. */
const WARNING = /^\{[^\n]*Postgres runs without fsync[^\n]*\n/

/** Runs the script as an operator does. */
async function verify(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DATABASE_URL: server.database.url, AUTH_SECRET: TEST_SECRET }
  return run(process.execPath, ['scripts/verify-unread.ts', ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout: stdout.replace(WARNING, ''), stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout: stdout.replace(WARNING, ''),
      stderr,
    }),
  )
}

describe('npm run verify-unread', () => {
  test('finds nothing where nothing is wrong; names what is, repairs it, and says what it can not repair', async () => {
    for (const name of ['ada', 'ben']) await server.caller(name).auth.me()
    const ada = server.caller('ada')
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const say = (more: { mentions?: string[]; threadId?: string } = {}) =>
      ada.message.send({ roomId, clientId: newId(), content: 'Hello', ...more })
    const root = await say({ mentions: ['ben'] })
    const reply = await say({ threadId: root.id, mentions: ['ben'] })
    await say()
    const deleted = await say()
    await ada.message.delete({ roomId, messageId: deleted.id })
    expect(await verify()).toMatchObject({ code: 0, stdout: '', stderr: '1 rooms checked, 0 differ, 0 remain so\n' })

    const { db } = server.app.services.database
    const key = { tenantId: 'default', roomId }
    await sql`update rooms set last_ordinal = last_ordinal + 5`.execute(db)
    await sql`update members set read_ordinal = 1 where user_id = 'ben'`.execute(db)
    await sql`update messages set thread_count = 7, thread_last_ordinal = 9 where id = ${root.id}::uuid`.execute(db)
    await sql`delete from mentions where thread_id is not null`.execute(db)
    await sql`insert into mentions values ('default', ${roomId}::uuid, null, 'ben', 2, 'ada'),
      ('default', ${roomId}::uuid, null, 'ben', 3, 'ada')`.execute(db)
    expect(new Set((await checkUnread(db, key)).map(({ what }) => what))).toEqual(
      new Set([
        'room.lastOrdinal',
        'thread.count',
        'thread.lastOrdinal',
        'viewer.readOrdinal',
        'viewer.unread',
        'viewer.mentions',
        'follower.unread',
        'follower.mentions',
      ]),
    )
    const found = await verify()
    expect(found).toMatchObject({ code: 1, stderr: '1 rooms checked, 1 differ, 1 remain so\n' })
    expect(found.stdout).toContain(`default: room ${roomId}, user ben: viewer.readOrdinal is 1, should be 0\n`)

    expect(await verify('--repair')).toMatchObject({ code: 0, stderr: '1 rooms checked, 1 differ, 0 remain so\n' })
    expect(await checkUnread(db, key)).toEqual([])
    expect((await server.caller('ben').room.get({ roomId })).viewer).toMatchObject({ unread: 2, mentions: 1 })
    expect((await ada.message.get({ roomId, messageId: root.id })).thread?.count).toBe(1)
    expect((await say({ threadId: root.id })).ordinal).toBe(Number(reply.ordinal) + 1)

    await sql`update messages set ordinal = 12 where id = ${deleted.id}::uuid`.execute(db)
    const damaged = await verify('--repair')
    expect([damaged.code, damaged.stdout]).toEqual([1, expect.stringContaining('room.ordinals is 3, should be 12')])
    expect((await verify('--what')).code).toBe(2)
  }, 60_000)
})
