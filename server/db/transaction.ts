import { databaseErrorCode } from '../errors/database-error.ts'
import type { Db, Tx } from './schema.ts'

/** Postgres ended the transaction for the sake of another one, and the same work may succeed: serialization, deadlock, lock wait. */
const RETRYABLE = new Set(['40001', '40P01', '55P03'])
const MAX_ATTEMPTS = 3

/** One transaction, tried at most three times. What it does outside the database must come after it. */
export async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !RETRYABLE.has(databaseErrorCode(error) ?? '')) throw error
    }
  }
}

/** Several reads of one moment: every statement of `work` sees the same snapshot. Kept short, since it holds back vacuum. */
export const readSnapshot = <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
