import { sql } from 'kysely'
import { databaseErrorCode } from '../errors/database-error.ts'
import type { Db } from './schema.ts'

const DISK_FULL = '53100'
/** Rows of the trial write: a few pages. */
const TRIED_ROWS = 64

class Undone extends Error {}

/**
 * Knows whether Postgres has room to write. On a full disk reads continue, so a check that Postgres answers is not enough. This
 * costs nothing while writes succeed. Once a write was refused for lack of room, each check tries one: into a table that is
 * rolled back and leaves nothing behind, and that is new and can't use free space of older tables.
 */
export class DiskWatch {
  #isFull = false

  /** Call for each failed statement. */
  note(error: unknown): void {
    if (databaseErrorCode(error) === DISK_FULL) this.#isFull = true
  }

  /** @throws if the database is away */
  async hasRoom(db: Db): Promise<boolean> {
    if (this.#isFull) this.#isFull = !(await canWrite(db))
    return !this.#isFull
  }
}

/** Also true on a standby or without permission to create tables, where it can't be determined. */
async function canWrite(db: Db): Promise<boolean> {
  try {
    await db.transaction().execute(async (tx) => {
      await sql`create unlogged table disk_trial as
        select repeat(md5(n::text), 64) from generate_series(1, ${sql.lit(TRIED_ROWS)}) as n`.execute(tx)
      throw new Undone()
    })
    return true
  } catch (error) {
    const code = databaseErrorCode(error)
    if (!(error instanceof Undone) && code === undefined) throw error
    return code !== DISK_FULL
  }
}
