import type { z } from 'zod'
import type { Preferences, preferencesInputs } from '../../shared/preferences.ts'
import type { Db, PreferencesRow, Tx } from '../db/schema.ts'
import type { Session } from '../rpc/context.ts'

type Caller = Pick<Session, 'tenantId' | 'userId'>
type UpdateInput = z.output<typeof preferencesInputs.update>

const toPreferences = (row: PreferencesRow | undefined): Preferences => ({
  notifications: row?.notifications ?? 'all',
  hidesReceipts: row?.hides_receipts ?? false,
  presenceVisibility: row?.presence_visibility ?? 'everyone',
  locale: row?.locale ?? null,
})

export async function readPreferences(db: Db | Tx, { tenantId, userId }: Caller): Promise<Preferences> {
  const row = await db
    .selectFrom('preferences')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return toPreferences(row)
}

/** Changes the given preferences and keeps the others. */
export async function writePreferences(db: Db, { tenantId, userId }: Caller, input: UpdateInput): Promise<Preferences> {
  const named = {
    ...(input.notifications === undefined ? {} : { notifications: input.notifications }),
    ...(input.hidesReceipts === undefined ? {} : { hides_receipts: input.hidesReceipts }),
    ...(input.presenceVisibility === undefined ? {} : { presence_visibility: input.presenceVisibility }),
    ...(input.locale === undefined ? {} : { locale: input.locale }),
    updated_at: new Date(),
  }
  const row = await db
    .insertInto('preferences')
    .values({ ...named, tenant_id: tenantId, user_id: userId })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'user_id']).doUpdateSet(named))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toPreferences(row)
}
