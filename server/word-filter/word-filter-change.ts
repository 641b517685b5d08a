import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { FilterWord, WordFilter } from '../../shared/word-filter.ts'
import { assertMayModerate } from '../access/access.ts'
import { recordAct } from '../audit/audit-write.ts'
import { FILTER_CHANNEL } from '../bus/bus.ts'
import type { Tx } from '../db/schema.ts'
import { readSnapshot, transact } from '../db/transaction.ts'
import { changeRoomAs } from '../log/authorized-change.ts'
import type { Services, Session } from '../rpc/context.ts'
import { compileFilter } from './word-matcher.ts'

/** The filter of a room, for its admins, or without a room the tenant's filter, for a service. */
export function readFilter(services: Services, session: Session, roomId: string | undefined): Promise<WordFilter> {
  return readSnapshot(services.database.db, async (tx) => {
    await assertMayModerate(tx, session, roomId, 'wordFilter.update')
    return filterNow(tx, session.tenantId, roomId)
  })
}

async function filterNow(tx: Tx, tenantId: string, roomId: string | undefined): Promise<WordFilter> {
  const row = await tx
    .selectFrom('word_filters')
    .select(['words', 'updated_at'])
    .where('tenant_id', '=', tenantId)
    .where('room_id', roomId === undefined ? 'is' : '=', roomId ?? null)
    .executeTakeFirst()
  return { roomId: roomId ?? null, words: row?.words ?? [], updatedAt: row?.updated_at ?? null }
}

interface FilterInput {
  roomId?: string | undefined
  words: FilterWord[]
}

/**
 * Replaces the words of a filter; repeating it changes nothing. The filter applies to messages sent from now on, not to existing
 * ones.
 * @throws ChatError INVALID_INPUT, FORBIDDEN
 */
export async function updateFilter(
  services: Services,
  session: Session,
  { roomId, words }: FilterInput,
): Promise<WordFilter> {
  // Compiling is costly, so permission is checked first.
  await assertMayModerate(services.database.db, session, roomId, 'wordFilter.update')
  await services.loopShare.run(compileFilter(words))
  const { tenantId } = session
  const write = async (tx: Tx) => {
    const before = await filterNow(tx, tenantId, roomId)
    if (isDeepStrictEqual(words, before.words)) return before
    const updatedAt = new Date()
    await setWords(tx, tenantId, roomId === undefined ? { words, updatedAt } : undefined)
    if (roomId !== undefined) await setRoomWords(tx, tenantId, roomId, { words, updatedAt })
    const detail = { words: words.length }
    await recordAct(tx, session, { action: 'wordFilter.update', ...(roomId === undefined ? {} : { roomId }), detail })
    return { roomId: roomId ?? null, words, updatedAt }
  }
  const filter =
    roomId === undefined
      ? await transact(services.database.db, write)
      : await changeRoomAs(services, session, { roomId, permission: 'wordFilter.update' }, ({ change }) =>
          write(change.tx),
        )
  services.bus.publish(FILTER_CHANNEL, { type: 'wordFilter.changed', tenantId })
  return filter
}

interface Words {
  words: FilterWord[]
  updatedAt: Date
}

/** Locks the tenant's row, whose version counts each change of a filter in the tenant; concurrent changes wait here. */
async function setWords(tx: Tx, tenantId: string, changed: Words | undefined): Promise<void> {
  const patch = changed ? { words: JSON.stringify(changed.words), updated_at: changed.updatedAt } : {}
  await tx
    .insertInto('word_filters')
    .values({ ...patch, tenant_id: tenantId, room_id: null, version: 1 })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'room_id']).doUpdateSet({ ...patch, version: sql`word_filters.version + 1` }),
    )
    .execute()
}

async function setRoomWords(tx: Tx, tenantId: string, roomId: string, { words, updatedAt }: Words): Promise<void> {
  const patch = { words: JSON.stringify(words), updated_at: updatedAt }
  await tx
    .insertInto('word_filters')
    .values({ ...patch, tenant_id: tenantId, room_id: roomId })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'room_id']).doUpdateSet(patch))
    .execute()
}
