import type { Page } from '../../shared/page.ts'
import { type Receipt, receiptInputs } from '../../shared/receipt.ts'
import { readAccess } from '../access/access.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import type { MarkerGoal, MarkerName } from '../unread/marker-writer.ts'
import { markUnread } from '../unread/unread-mark.ts'
import { listReceipts } from './receipt-read.ts'
import { receiptStream } from './receipt-stream.ts'

export const receiptRouter = router({
  /**
   * Moves the caller's read marker forward to `seq`, at most to the room's head, and never back. With `unreadMarks` it reports
   * what was on the screen, and changes nothing once there are unread marks that it does not know of.
   */
  read: userProcedure
    .input(receiptInputs.read)
    .mutation(({ ctx, input }): Promise<void> => moveMarker(ctx.services, ctx.session, 'read', input)),

  /**
   * Makes the message at `seq`, and all later ones from others, unread for the caller on every device until the caller reads on.
   * If a `receipt.read` comes at the same time, the later of the two to reach the database wins; a read with `unreadMarks` never
   * undoes a mark that it does not know of. Repeating it has no visible effect. Others are not notified: in receipts, what was
   * read stays read.
   */
  markUnread: userProcedure.input(receiptInputs.markUnread).mutation(async ({ ctx, input }): Promise<void> => {
    if (await markUnread(ctx.services, ctx.session, input)) return
    await refuse(ctx.services, ctx.session, input.roomId)
  }),

  /** Moves the marker of what has reached any of the caller's devices forward to `seq`. */
  delivered: userProcedure
    .input(receiptInputs.delivered)
    .mutation(({ ctx, input }): Promise<void> => moveMarker(ctx.services, ctx.session, 'delivered', input)),

  list: userProcedure
    .input(receiptInputs.list)
    .query(({ ctx, input }): Promise<Page<Receipt>> => listReceipts(ctx.services, ctx.session, input)),

  onChange: userProcedure
    .input(receiptInputs.onChange)
    .subscription(
      ({ ctx, input }): AsyncGenerator<Receipt[], void> =>
        receiptStream(ctx.services, ctx.session, input.roomId, ctx.signal),
    ),
})

async function moveMarker(
  services: Pick<Services, 'database' | 'markers'>,
  session: Session,
  name: MarkerName,
  { roomId, ...goal }: MarkerGoal & { roomId: string },
): Promise<void> {
  const { tenantId, userId } = session
  if (await services.markers.move({ tenantId, roomId, userId }, name, goal)) return
  await refuse(services, session, roomId)
}

/** Throws the reason why a caller without a member row has no markers in the room. @throws ChatError */
async function refuse({ database }: Pick<Services, 'database'>, session: Session, roomId: string): Promise<never> {
  await readAccess(database.db, session, roomId)
  throw new ChatError('NOT_A_MEMBER')
}
