import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { databaseErrorCode } from '../../server/errors/database-error.ts'

export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

/** An empty database of one's own, dropped at the end, whoever is still connected. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `confab_${randomBytes(6).toString('hex')}`
  await run(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => drop(server, name) }
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
