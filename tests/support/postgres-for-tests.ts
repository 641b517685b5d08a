import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../server/db/embedded/embedded-postgres.ts'
import { createTemplate } from './own-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres on which each test file makes databases of its own. */
    postgresUrl: string
    /** A migrated database there, which those are copies of: a copy takes less than a third of the time that the migrations take. */
    templateDatabase: string
  }
}

/** One Postgres for the whole run: DATABASE_URL where it is set, else an embedded one that is gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startPostgres()
  const template = await createTemplate(url)
  project.provide('postgresUrl', url)
  project.provide('templateDatabase', template.name)
  return async () => {
    await template.drop()
    await stop()
  }
}

/** Nobody keeps what the tests write, and a database a file takes more connections than one server. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: 200 }

async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['DATABASE_URL']
  if (given) return { url: given, stop: async () => undefined }
  const dataDir = await mkdtemp(join(tmpdir(), 'confab-tests-'))
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined, settings: SETTINGS })
  const { host, port, user, database } = postgres.connection
  const stop = async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { url: `postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`, stop }
}
