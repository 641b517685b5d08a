import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { pino } from 'pino'
import { inject } from 'vitest'
import { completeConfig } from '../../server/config.ts'
import { Database } from '../../server/db/database.ts'
import { databaseErrorCode } from '../../server/errors/database-error.ts'

export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

/** A migrated database of one's own: a copy of the run's template. Dropped at the end, even while others are connected to it. */
export const createTestDatabase = (): Promise<TestDatabase> =>
  createDatabase(inject('postgresUrl'), inject('templateDatabase'))

/** A database without any table. */
export const createEmptyDatabase = (): Promise<TestDatabase> => createDatabase(inject('postgresUrl'))

/** Makes the database that `createTestDatabase` copies, on this server. */
export async function createTemplate(server: string): Promise<TestDatabase & { name: string }> {
  const created = await createDatabase(server)
  const database = new Database(completeConfig({ databaseUrl: created.url }), pino({ level: 'silent' }))
  await database.migrate()
  await database.close()
  return created
}

async function createDatabase(server: string, template?: string): Promise<TestDatabase & { name: string }> {
  const name = `confab_${randomBytes(6).toString('hex')}`
  await run(server, `create database ${name}${template === undefined ? '' : ` template ${template}`}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { name, url: url.href, drop: () => drop(server, name) }
}

const INSUFFICIENT_PRIVILEGE = '42501'

/** By force, unless a worker of autovacuum is in there: that is a superuser's, and leaves a plain drop by itself. */
async function drop(server: string, name: string): Promise<void> {
  try {
    await run(server, `drop database if exists ${name} with (force)`)
  } catch (error) {
    if (databaseErrorCode(error) !== INSUFFICIENT_PRIVILEGE) throw error
    await run(server, `drop database if exists ${name}`)
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
