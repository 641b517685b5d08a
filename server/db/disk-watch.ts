import { sql } from 'kysely'
import { databaseErrorCode } from '../errors/database-error.ts'
import type { Db } from './schema.ts'

const DISK_FULL = '53100'
/** What is tried to be written: some pages. */
const TRIED_ROWS = 64

class Undone extends Error {}

/**
 * Whether Postgres has room to write. A full disk lets reads go on, so asking whether it answers says nothing. While writes succeed this
 * costs nothing. Once one was refused for lack of room, each question tries it: a table that is undone, so that it leaves nothing
 * behind, and is new, so that it can't live on what older tables have free.
 */
export class DiskWatch {
  #isFull = false

  /** A statement failed. */
  note(error: unknown): void {
    if (databaseErrorCode(error) === DISK_FULL) this.#isFull = true
  }

  /** @throws where the database is away */
  async hasRoom(db: Db): Promise<boolean> {
    if (this.#isFull) this.#isFull = !(await canWrite(db))
    return !this.#isFull
  }
}

/** Also true of a standby, or where no table may be made: it can't be said there. */
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
