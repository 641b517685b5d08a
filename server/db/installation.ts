import { sql } from 'kysely'
import type { Db } from './schema.ts'

/*
 * The installation is one row. Its salt is part of every epoch (`server/db/history.ts`): renewed, all rooms begin another history, and
 * every client fetches afresh.
 */

export async function renewEpochSalt(db: Db): Promise<void> {
  await db
    .insertInto('installation')
    .values({ control_file: null })
    .onConflict((conflict) => conflict.column('is_only').doUpdateSet({ epoch_salt: sql<string>`gen_random_uuid()` }))
    .execute()
}

/**
 * Holds the control file of the embedded Postgres against the one that was known. Another one means that the data directory is a copy,
 * whose history parts from the original's here: its salt is renewed, and the answer is true. The lock of DATA_DIR keeps others out.
 */
export async function noticeCopy(db: Db, controlFile: string): Promise<boolean> {
  const known = await db.selectFrom('installation').select('control_file').executeTakeFirst()
  if (known?.control_file === controlFile) return false
  // One that comes from a version that kept none, or was just made, is taken for the original.
  const isCopy = typeof known?.control_file === 'string'
  await db.transaction().execute(async (tx) => {
    if (isCopy) await renewEpochSalt(tx)
    await tx.updateTable('installation').set({ control_file: controlFile }).execute()
  })
  return isCopy
}
