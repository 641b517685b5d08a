import { databaseErrorCode } from '../errors/database-error.ts'
import type { Db, Tx } from './schema.ts'

/** Postgres ended the transaction in favor of another one, and a retry may succeed: serialization, deadlock, lock wait. */
const RETRYABLE = new Set(['40001', '40P01', '55P03'])
const MAX_ATTEMPTS = 3

/** One transaction, tried at most three times. Side effects outside the database must follow it. */
export async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !RETRYABLE.has(databaseErrorCode(error) ?? '')) throw error
    }
  }
}

/** Reads from one snapshot: every statement of `work` sees the same state. Keep it short, since it holds back vacuum. */
export const readSnapshot = <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
