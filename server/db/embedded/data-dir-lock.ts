import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

const SQLITE_BUSY = 5

/**
 * Takes DATA_DIR for this process until `dispose`, or throws an EmbeddedPostgresError at once where another server has it.
 *
 * Postgres guards its own directory by process id and shared memory, which two containers on one volume do not share; both
 * would start, and corrupt the data. SQLite's exclusive lock is a lock of the file itself: the kernel keeps it across containers
 * and drops it with the process, however that ends.
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
