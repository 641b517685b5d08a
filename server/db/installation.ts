import { sql } from 'kysely'
import type { Db } from './schema.ts'

/*
 * The installation is one row. Its salt is part of every epoch (`server/db/history.ts`): a new salt starts a new history for all
 * rooms, and every client fetches everything again.
 */

export async function renewEpochSalt(db: Db): Promise<void> {
  await db
    .insertInto('installation')
    .values({ control_file: null })
    .onConflict((conflict) => conflict.column('is_only').doUpdateSet({ epoch_salt: sql<string>`gen_random_uuid()` }))
    .execute()
}

/**
 * Compares the control file of the embedded Postgres with the known one. A different one means that the data directory is a copy
 * whose history diverges from the original's here: the salt is renewed and the result is true. The lock of DATA_DIR excludes
 * others.
 */
export async function noticeCopy(db: Db, controlFile: string): Promise<boolean> {
  const known = await db.selectFrom('installation').select('control_file').executeTakeFirst()
  if (known?.control_file === controlFile) return false
  // Without a known control file (an earlier version, or a new cluster) the directory counts as the original.
  const isCopy = typeof known?.control_file === 'string'
  await db.transaction().execute(async (tx) => {
    if (isCopy) await renewEpochSalt(tx)
    await tx.updateTable('installation').set({ control_file: controlFile }).execute()
  })
  return isCopy
}
