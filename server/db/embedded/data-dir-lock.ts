import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

const SQLITE_BUSY = 5

/**
 * Locks DATA_DIR for this process until it is disposed of. @throws EmbeddedPostgresError at once if another server holds it
 *
 * Postgres guards its directory by process id and shared memory. Two containers on one volume share neither: both would start and
 * corrupt the data. SQLite's exclusive lock is a lock on the file itself: the kernel enforces it across containers and releases
 * it when the process ends in any way.
 */
export function lockDataDir(dataDir: string): Disposable {
  const database = new DatabaseSync(join(dataDir, 'server.lock'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw error
    throw new EmbeddedPostgresError(`Unable to open ${dataDir}; a server is running on it`)
  }
  return { [Symbol.dispose]: () => database.close() }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
