import { type Kysely, sql } from 'kysely'
import type { Page, Paging } from '../../shared/page.ts'
import type { FollowedThread, ThreadCounts } from '../../shared/thread.ts'
import { firstVisibleTo, notHiddenFrom } from '../access/visibility.ts'
import type { Db, Tables, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { withMessages } from '../log/message-shape.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { threadMentionCount, threadUnreadCount } from '../unread/thread-unread.ts'

type Follower = Pick<Session, 'tenantId' | 'userId'>

/** Milliseconds, as a cursor keeps them. */
const lastActivity = sql<Date>`date_trunc('milliseconds', coalesce(root.thread_last_at, root.created_at))`

/** A user's followed threads: those whose root they may see and have not hidden, in rooms of theirs that are not archived. */
const selectFollowed = (db: Kysely<Tables>, { tenantId, userId }: Follower) =>
  db
    .selectFrom('thread_follows as follow')
    .innerJoin('members as viewer', (join) =>
      join
        .onRef('viewer.tenant_id', '=', 'follow.tenant_id')
        .onRef('viewer.room_id', '=', 'follow.room_id')
        .onRef('viewer.user_id', '=', 'follow.user_id'),
    )
    .innerJoin('rooms', (join) =>
      join.onRef('rooms.tenant_id', '=', 'follow.tenant_id').onRef('rooms.id', '=', 'follow.room_id'),
    )
    .innerJoin('messages as root', (join) =>
      join
        .onRef('root.tenant_id', '=', 'follow.tenant_id')
        .onRef('root.room_id', '=', 'follow.room_id')
        .onRef('root.id', '=', 'follow.thread_id'),
    )
    .where('follow.tenant_id', '=', tenantId)
    .where('follow.user_id', '=', userId)
    .where('viewer.left_at', 'is', null)
    .where('rooms.deleted_at', 'is', null)
    .where('rooms.archived_at', 'is', null)
    .where('root.seq', '>=', firstVisibleTo({ role: 'user' }))
    .where(notHiddenFrom(userId, 'root'))

/** The caller's followed threads, latest reply first. */
export async function listFollowedThreads(
  { database, cursors }: Services,
  session: Session,
  paging: Paging,
): Promise<Page<FollowedThread>> {
  const scope = `thread.list/${session.tenantId}/${session.userId}`
  const page = await openPage(cursors, { scope, kinds: ['time', 'uuid'] }, paging)
  return readSnapshot(database.db, async (tx) => {
    const threads = selectFollowed(tx, session)
      .innerJoin('members as sender', (join) =>
        join
          .onRef('sender.tenant_id', '=', 'root.tenant_id')
          .onRef('sender.room_id', '=', 'root.room_id')
          .onRef('sender.user_id', '=', 'root.sender_id'),
      )
      .selectAll('root')
      .select([
        'sender.user_name',
        'sender.user_picture_url',
        'follow.read_ordinal',
        threadUnreadCount.as('unread'),
        threadMentionCount.as('thread_mentions'),
        lastActivity.as('last_activity'),
      ])
    const rows = await page.select(threads, [lastActivity, 'root.id'], 'desc').execute()
    return page.ofAll(rows, {
      key: (row) => [row.last_activity, row.id],
      items: async (followed) =>
        (await withMessages(followed)).map(({ row, message: root }) => ({
          root,
          lastOrdinal: row.thread_last_ordinal ?? 0,
          readOrdinal: row.read_ordinal,
          unread: row.unread,
          mentions: row.thread_mentions,
        })),
    })
  })
}

export interface CountedThreads {
  counts: ThreadCounts
  /** The followed threads, or the latest of them where they are too many to keep. */
  threadIds: string[]
  areMore: boolean
}

/** Threads that a stream keeps for one user. */
const MAX_KNOWN = 1_000

/** The unread of all of a user's followed threads together, and the threads. */
export async function countFollowedThreads(db: Db | Tx, follower: Follower): Promise<CountedThreads> {
  const threads = selectFollowed(db, follower).select([
    'root.id',
    lastActivity.as('last_activity'),
    threadUnreadCount.as('unread'),
    threadMentionCount.as('thread_mentions'),
  ])
  const row = await db
    .selectFrom(threads.as('thread'))
    .select([
      sql<number>`coalesce(sum(unread), 0)::int`.as('unread'),
      sql<number>`coalesce(sum(thread_mentions), 0)::int`.as('mentions'),
      sql<string[]>`coalesce((array_agg(id order by last_activity desc))[1:${sql.lit(MAX_KNOWN)}], '{}')`.as('ids'),
      sql<number>`count(*)::int`.as('count'),
    ])
    .executeTakeFirstOrThrow()
  const { unread, mentions, ids, count } = row
  return { counts: { unread, mentions }, threadIds: ids, areMore: count > ids.length }
}
