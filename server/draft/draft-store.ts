import { sql } from 'kysely'
import type { z } from 'zod'
import type { Draft, draftInputs } from '../../shared/draft.ts'
import { LIMITS } from '../../shared/limits.ts'
import type { Page, Paging } from '../../shared/page.ts'
import { readAccess } from '../access/access.ts'
import type { Db, DraftRow, Tx } from '../db/schema.ts'
import { transact } from '../db/transaction.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { readMessage } from '../log/readable-messages.ts'
import { lockUsers } from '../log/user-rows.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'

interface DraftKey {
  roomId: string
  threadId?: string | undefined
}

const toDraft = (row: DraftRow): Draft => ({
  roomId: row.room_id,
  threadId: row.thread_id,
  content: row.content,
  updatedAt: row.updated_at,
})

const own = (db: Db | Tx, { tenantId, userId }: Session) =>
  db
    .selectFrom('drafts')
    .selectAll('drafts')
    .where('drafts.tenant_id', '=', tenantId)
    .where('drafts.user_id', '=', userId)

const at = (db: Db | Tx, session: Session, { roomId, threadId }: DraftKey) =>
  own(db, session)
    .where('room_id', '=', roomId)
    .where('thread_id', threadId === undefined ? 'is' : '=', threadId ?? null)

/**
 * Stores the caller's draft; the latest device wins. Empty content deletes the draft and returns null.
 * @throws ChatError NOT_FOUND, NOT_A_MEMBER, LIMIT_REACHED, INVALID_INPUT
 */
export async function setDraft(
  { database }: Pick<Services, 'database'>,
  session: Session,
  { content, ...key }: z.output<typeof draftInputs.set>,
): Promise<Draft | null> {
  const { tenantId, userId } = session
  return transact(database.db, async (tx) => {
    await assertMember(tx, session, key)
    // The lock enforces the limit across concurrent devices.
    await lockUsers(tx, tenantId, [userId])
    const earlier = await at(tx, session, key).executeTakeFirst()
    if (content === '') {
      if (earlier) await removeDraft(tx, earlier)
      return null
    }
    if (!earlier && (await countDrafts(tx, session)) >= LIMITS.drafts) throw new ChatError('LIMIT_REACHED')
    const row = await tx
      .insertInto('drafts')
      .values({
        tenant_id: tenantId,
        user_id: userId,
        room_id: key.roomId,
        thread_id: key.threadId ?? null,
        content,
        updated_at: new Date(),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'user_id', 'room_id', 'thread_id'])
          .doUpdateSet({ content, updated_at: new Date() }),
      )
      .returningAll()
      .executeTakeFirstOrThrow()
    return toDraft(row)
  })
}

/** The draft, or null if there is none. @throws ChatError NOT_FOUND, NOT_A_MEMBER, INVALID_INPUT */
export async function readDraft(
  { database }: Pick<Services, 'database'>,
  session: Session,
  key: DraftKey,
): Promise<Draft | null> {
  await assertMember(database.db, session, key)
  const row = await at(database.db, session, key).executeTakeFirst()
  return row ? toDraft(row) : null
}

/** The caller's drafts in their current rooms, latest first. */
export async function listDrafts(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  paging: Paging,
): Promise<Page<Draft>> {
  const scope = `draft.list/${JSON.stringify([session.tenantId, session.userId])}`
  const page = await openPage(cursors, { scope, kinds: ['time', 'uuid', 'text'] }, paging)
  // A draft without a thread sorts first.
  const thread = sql<string>`coalesce(drafts.thread_id::text, '')`
  const drafts = own(database.db, session)
    .innerJoin('members', (join) =>
      join
        .onRef('members.tenant_id', '=', 'drafts.tenant_id')
        .onRef('members.room_id', '=', 'drafts.room_id')
        .onRef('members.user_id', '=', 'drafts.user_id')
        .on('members.left_at', 'is', null),
    )
    .innerJoin('rooms', (join) =>
      join
        .onRef('rooms.tenant_id', '=', 'drafts.tenant_id')
        .onRef('rooms.id', '=', 'drafts.room_id')
        .on('rooms.deleted_at', 'is', null),
    )
  const rows = await page.select(drafts, ['drafts.updated_at', 'drafts.room_id', thread], 'desc').execute()
  return page.of(rows, { key: (row) => [row.updated_at, row.room_id, row.thread_id ?? ''], item: toDraft })
}

async function assertMember(db: Db | Tx, session: Session, { roomId, threadId }: DraftKey): Promise<void> {
  const { member } = await readAccess(db, session, roomId)
  if (!member) throw new ChatError('NOT_A_MEMBER')
  if (threadId === undefined) return
  try {
    await readMessage(db, session, roomId, threadId)
  } catch (error) {
    if (!(error instanceof ChatError) || error.reason !== 'NOT_FOUND') throw error
    throw invalidInput('threadId', 'this room has no such message')
  }
}

const removeDraft = (tx: Tx, row: DraftRow) =>
  tx
    .deleteFrom('drafts')
    .where('tenant_id', '=', row.tenant_id)
    .where('user_id', '=', row.user_id)
    .where('room_id', '=', row.room_id)
    .where('thread_id', row.thread_id === null ? 'is' : '=', row.thread_id)
    .execute()

async function countDrafts(tx: Tx, { tenantId, userId }: Session): Promise<number> {
  const { count } = await tx
    .selectFrom('drafts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return count
}
