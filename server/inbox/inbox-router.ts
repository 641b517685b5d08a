import type { Inbox, InboxEvent } from '../../shared/inbox.ts'
import { toInbox } from '../../shared/inbox-state.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { listed, readCountedRooms } from './inbox-read.ts'
import { inboxStream } from './inbox-stream.ts'

export const inboxRouter = router({
  get: userProcedure.query(async ({ ctx }): Promise<Inbox> => {
    const rooms = await readCountedRooms(ctx.services.database, ctx.session)
    return toInbox(listed(rooms))
  }),

  onEvent: userProcedure.subscription(
    ({ ctx }): AsyncIterable<InboxEvent, void> => inboxStream(ctx.services, ctx.session, ctx.signal),
  ),
})
