import { inject } from 'vitest'
import { createOwnDatabase, type OwnDatabase } from './own-database.ts'

export type TestDatabase = Pick<OwnDatabase, 'url' | 'drop'>

/** A migrated database of one's own: a copy of the run's template. */
export const createTestDatabase = (): Promise<TestDatabase> =>
  createOwnDatabase(inject('postgresUrl'), inject('templateDatabase'))

/** A database without any table. */
export const createEmptyDatabase = (): Promise<TestDatabase> => createOwnDatabase(inject('postgresUrl'))
