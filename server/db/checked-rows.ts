import type { Kysely, RawBuilder } from 'kysely'
import { faultsOf, type Shape, shaped } from '../lib/checks.ts'

/*
 * Kysely knows what its own builder selects. Of a statement that is written by hand the compiler believes whatever it is told, so the rows
 * are compared with it where they come in. tests/db/checked-rows.test.ts holds that none comes in another way.
 */

/** A statement of SQL, and a check for each column that it gives. */
export interface CheckedStatement<T> {
  row: Shape<T>
  sql: RawBuilder<unknown>
}

/** The rows, as the statement says they are. @throws Error where one is otherwise */
export async function readRows<DB, T>(db: Kysely<DB>, { row, sql }: CheckedStatement<T>): Promise<T[]> {
  const { rows } = await sql.execute(db)
  return checkRows(row, rows)
}

/** @throws Error that names the columns which are not as they should be */
export function checkRows<T>(shape: Shape<T>, rows: unknown[]): T[] {
  const isRow = shaped(shape)
  if (rows.every((row) => isRow(row))) return rows
  const faults = new Set(rows.flatMap((row) => faultsOf(shape, row) ?? ['(no row)']))
  throw new Error(`Unable to read rows; not of the type that the statement promises: ${[...faults].join(', ')}`)
}
