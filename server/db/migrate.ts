import { readdir } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Logger as JobLogger, runMigrations } from 'graphile-worker'
import { type Kysely, sql } from 'kysely'
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration'
import type { Pool } from 'pg'
import { isText } from '../lib/checks.ts'
import { readRows } from './checked-rows.ts'

/** The database can't be migrated to this version. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** Serializes the creation of the job tables by servers that start at the same time. */
const JOBS_LOCK = 7_205_719
const FOLDER = join(import.meta.dirname, '../../migrations')

/** The files of migrations/: TypeScript in a checkout, JavaScript in the package. */
const provider: MigrationProvider = {
  async getMigrations() {
    const files = (await readdir(FOLDER)).filter((file) => /^\d{4}-[a-z-]+\.(ts|js)$/.test(file))
    const migrations = files.map(async (file): Promise<[string, Migration]> => {
      const migration: Migration = await import(pathToFileURL(join(FOLDER, file)).href)
      return [parse(file).name, migration]
    })
    return Object.fromEntries(await Promise.all(migrations))
  },
}

/**
 * Migrates the database to this version and returns the names of the applied steps. Several servers may start at once: Postgres
 * lets one of them migrate while the others wait. @throws {MigrationError} naming the step, also if the database is newer than
 * the code
 */
export async function migrate<T>(db: Kysely<T>): Promise<string[]> {
  const migrator = new Migrator({ db, provider })
  const known = Object.keys(await provider.getMigrations())
  const unknown = (await appliedMigrations(db)).filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new MigrationError(
      `Unable to use this database; it is newer than the code, which lacks ${unknown.join(', ')}`,
    )
  }
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) {
    const step = results.find((result) => result.status === 'Error')?.migrationName ?? 'the migrations'
    throw new MigrationError(`Unable to migrate; ${step} failed`, { cause: error })
  }
  return results.filter((result) => result.status === 'Success').map((result) => result.migrationName)
}

async function appliedMigrations<T>(db: Kysely<T>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return []
  const rows = await readRows(db, { row: { name: isText }, sql: sql`select name from kysely_migration order by name` })
  return rows.map((row) => row.name)
}

/** Migrates the job tables (schema `graphile_worker`) to the version of their package. Takes two connections. */
export async function migrateJobs<T>(db: Kysely<T>, pgPool: Pool): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${JOBS_LOCK})`.execute(tx)
    await runMigrations({ pgPool, logger: new JobLogger(() => () => undefined) })
  })
}
