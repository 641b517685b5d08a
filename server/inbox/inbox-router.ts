import type { Inbox, InboxEvent } from '../../shared/inbox.ts'
import { toInbox } from '../../shared/inbox-state.ts'
import { readSnapshot } from '../db/transaction.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { countFollowedThreads } from '../thread/thread-read.ts'
import { listed, readCountedRooms } from './inbox-read.ts'
import { inboxStream } from './inbox-stream.ts'

export const inboxRouter = router({
  get: userProcedure.query(async ({ ctx }): Promise<Inbox> => {
    const { database } = ctx.services
    return readSnapshot(database.db, async (tx) => {
      const rooms = await readCountedRooms(database, tx, ctx.session)
      const threads = await countFollowedThreads(tx, ctx.session)
      return toInbox(listed(rooms), threads.counts)
    })
  }),

  onEvent: userProcedure.subscription(
    ({ ctx }): AsyncIterable<InboxEvent, void> => inboxStream(ctx.services, ctx.session, ctx.signal),
  ),
})
