import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../server/db/embedded/embedded-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres on which each test file makes databases of its own. */
    postgresUrl: string
  }
}

/** One Postgres for the whole run: DATABASE_URL where it is set, else an embedded one that is gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL']
  if (given) {
    project.provide('postgresUrl', given)
    return async () => undefined
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'confab-tests-'))
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined })
  const { host, port, user, database } = postgres.connection
  project.provide('postgresUrl', `postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`)
  return async () => {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
