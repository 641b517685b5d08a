import type { Page } from '../../shared/page.ts'
import { type Receipt, receiptInputs } from '../../shared/receipt.ts'
import { readAccess } from '../access/access.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Services, Session } from '../rpc/context.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import type { MarkerName } from '../unread/marker-writer.ts'
import { listReceipts } from './receipt-read.ts'
import { receiptStream } from './receipt-stream.ts'

export const receiptRouter = router({
  /** Moves the caller's read marker forward to `seq`, or to the room's head where that is less; never back. */
  read: userProcedure
    .input(receiptInputs.read)
    .mutation(({ ctx, input }): Promise<void> => moveMarker(ctx.services, ctx.session, 'read', input)),

  /** The same for what has reached one of the caller's devices. */
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
  { roomId, seq }: { roomId: string; seq: number },
): Promise<void> {
  const { tenantId, userId } = session
  if (await services.markers.move({ tenantId, roomId, userId }, name, seq)) return
  await readAccess(services.database.db, session, roomId)
  throw new ChatError('NOT_A_MEMBER')
}
