import { sql } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import { PERSONAL_COLUMNS } from '../../server/db/personal-columns.ts'
import type { Db } from '../../server/db/schema.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const database = () => server.app.services.database.db

const inventory = Object.entries(PERSONAL_COLUMNS).flatMap(([table, columns]) =>
  Object.entries(columns).map(([column, entry]) => ({ name: `${table}.${column}`, table, column, entry })),
)

/** Every column of Confab's own tables: the job queue and the list of migrations belong to their packages. */
async function columnsOf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name || '.' || column_name as name
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name not like 'kysely\\_%'`.execute(
    db,
  )
  return rows.map(({ name }) => name)
}

/** Sentences about columns that the database has and the inventory lacks, or the other way round. */
async function faultsOf(db: Db): Promise<string[]> {
  const known = new Set(inventory.map(({ name }) => name))
  const there = new Set(await columnsOf(db))
  return [
    ...[...there.difference(known)].map(
      (name) =>
        `${name} is not in server/db/personal-columns.ts; say what it holds about a person, or that it is impersonal`,
    ),
    ...[...known.difference(there)].map((name) => `${name} is in server/db/personal-columns.ts; no migration makes it`),
  ]
}

describe('the inventory of personal columns', () => {
  afterEach(() => sql`alter table users drop column if exists phone`.execute(database()))

  test('has every column that the migrations make, and no other', async () => {
    expect(await faultsOf(database())).toEqual([])
  })

  test('is found wanting when a migration adds a column', async () => {
    await sql`alter table users add column phone text`.execute(database())
    expect(await faultsOf(database())).toEqual([expect.stringMatching(/^users\.phone is not in /)])
  })

  test('names a column with a user id as the one that each value is about', () => {
    const names = new Set(inventory.map(({ name }) => name))
    const subjects = inventory.flatMap(({ entry }) => (entry === 'impersonal' ? [] : [entry.of]))
    expect(subjects.filter((of) => !names.has(of))).toEqual([])
    expect(subjects.filter((of) => !/\.(id|\w+_(id|by|low|high)|mentions|thread_participants)$/.test(of))).toEqual([])
  })

  test('deletes a row for all that is personal in it, or for nothing', () => {
    const tables = Map.groupBy(inventory, ({ table }) => table)
    const mixed = [...tables].filter(([, columns]) => {
      const erasures = new Set(columns.map(({ entry }) => (entry === 'impersonal' ? entry : entry.erasure)))
      return erasures.has('delete') && erasures.has('blank')
    })
    expect(mixed.map(([table]) => table)).toEqual([])
  })

  test('calls no column of text impersonal but ids, secrets and words of a closed list', async () => {
    const { rows } = await sql<{ name: string }>`
      select columns.table_name || '.' || column_name as name from information_schema.columns
      where table_schema = current_schema() and data_type in ('text', 'jsonb', 'ARRAY') and not exists (
        select from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'c' and cardinality(conkey) = 1 and conrelid = to_regclass(columns.table_name)
          and attname = columns.column_name and pg_get_constraintdef(pg_constraint.oid) like '%ARRAY[%'
      )`.execute(database())
    const free = new Set(rows.map(({ name }) => name))
    const impersonal = inventory.filter(({ name, entry }) => entry === 'impersonal' && free.has(name))
    const names = impersonal.map(({ name }) => name).filter((name) => !name.endsWith('.tenant_id'))
    expect(names.sort()).toEqual(FREE_BUT_IMPERSONAL)
  })
})

/** Text that no person writes. */
const FREE_BUT_IMPERSONAL = [
  'audit_log.action',
  'installation.control_file',
  'invites.code',
  'scheduled_messages.failure_reason',
  'secrets.purpose',
]
