import type { Kysely, RawBuilder } from 'kysely'
import { faultsOf, type Shape, shaped } from '../lib/checks.ts'

/*
 * Kysely knows the types that its own builder selects. For hand-written statements the compiler trusts the declared type, so
 * their rows are checked on arrival. tests/db/checked-rows.test.ts ensures that no rows bypass this.
 */

/** An SQL statement with a check for each column that it returns. */
export interface CheckedStatement<T> {
  row: Shape<T>
  sql: RawBuilder<unknown>
}

/** The rows of the statement, checked. @throws Error if a row does not match */
export async function readRows<DB, T>(db: Kysely<DB>, { row, sql }: CheckedStatement<T>): Promise<T[]> {
  const { rows } = await sql.execute(db)
  return checkRows(row, rows)
}

/** @throws Error that names the mismatching columns */
export function checkRows<T>(shape: Shape<T>, rows: unknown[]): T[] {
  const isRow = shaped(shape)
  if (rows.every((row) => isRow(row))) return rows
  const faults = new Set(rows.flatMap((row) => faultsOf(shape, row) ?? ['(no row)']))
  throw new Error(`Unable to read rows; their types differ from the statement's: ${[...faults].join(', ')}`)
}
