import { sql } from 'kysely'
import type { Page, RoomPaging } from '../../shared/page.ts'
import type { OwnReactions, UserReaction } from '../../shared/reaction.ts'
import { readAccess } from '../access/access.ts'
import { readSnapshot } from '../db/transaction.ts'
import { readMessage } from '../log/readable-messages.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'

interface ListInput extends RoomPaging {
  messageId: string
  emoji?: string | undefined
}

/** The users who reacted to a message, grouped by emoji, in the order of their reactions. @throws ChatError NOT_FOUND */
export async function listReactions(
  { database, cursors }: Pick<Services, 'cursors' | 'database'>,
  session: Session,
  { roomId, messageId, emoji, ...paging }: ListInput,
): Promise<Page<UserReaction>> {
  const scope = `reaction.list/${roomId}/${messageId}/${emoji ?? ''}`
  const page = await openPage(cursors, { scope, kinds: ['text', 'seq'] }, paging)
  return readSnapshot(database.db, async (tx) => {
    const { deletedAt } = await readMessage(tx, session, roomId, messageId)
    if (deletedAt) return { items: [], nextCursor: null }
    let reactions = tx
      .selectFrom('message_reactions as reaction')
      .innerJoin('members', (join) =>
        join
          .onRef('members.tenant_id', '=', 'reaction.tenant_id')
          .onRef('members.room_id', '=', 'reaction.room_id')
          .onRef('members.user_id', '=', 'reaction.user_id'),
      )
      .select([
        'reaction.emoji',
        'reaction.seq',
        'reaction.created_at as at',
        'reaction.user_id',
        'members.user_name',
        'members.user_picture_url',
      ])
      .where('reaction.tenant_id', '=', session.tenantId)
      .where('reaction.room_id', '=', roomId)
      .where('reaction.message_id', '=', messageId)
    if (emoji !== undefined) reactions = reactions.where('reaction.emoji', '=', emoji)
    return page.of(await page.select(reactions, ['reaction.emoji', 'reaction.seq']).execute(), {
      key: (row) => [row.emoji, row.seq],
      item: (row) => ({
        user: { id: row.user_id, name: row.user_name, pictureUrl: row.user_picture_url },
        emoji: row.emoji,
        at: row.at,
      }),
    })
  })
}

/** The caller's own reactions, for those of these messages that have any. */
export function ownReactions(
  { database }: Pick<Services, 'database'>,
  session: Session,
  { roomId, messageIds }: { roomId: string; messageIds: string[] },
): Promise<OwnReactions[]> {
  return readSnapshot(database.db, async (tx) => {
    const { fromSeq } = await readAccess(tx, session, roomId)
    const rows = await tx
      .selectFrom('message_reactions as reaction')
      .innerJoin('messages', (join) =>
        join
          .onRef('messages.tenant_id', '=', 'reaction.tenant_id')
          .onRef('messages.room_id', '=', 'reaction.room_id')
          .onRef('messages.id', '=', 'reaction.message_id'),
      )
      .select([
        'reaction.message_id as messageId',
        sql<string[]>`array_agg(reaction.emoji order by reaction.seq)`.as('emoji'),
      ])
      .where('reaction.tenant_id', '=', session.tenantId)
      .where('reaction.room_id', '=', roomId)
      .where('reaction.message_id', 'in', messageIds)
      .where('reaction.user_id', '=', session.userId)
      .where('messages.deleted_at', 'is', null)
      .where('messages.seq', '>=', fromSeq)
      .groupBy('reaction.message_id')
      .execute()
    return rows
  })
}
