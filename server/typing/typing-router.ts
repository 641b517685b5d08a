import type { Typing } from '../../shared/presence.ts'
import { typingInputs } from '../../shared/room.ts'
import { readAccess } from '../access/access.ts'
import { assertMayWrite } from '../access/write-rights.ts'
import { ChatError } from '../errors/chat-error.ts'
import { Wakeup } from '../lib/wakeup.ts'
import { type MembershipServices, watchMembership } from '../log/live/membership-watch.ts'
import type { Services, Session } from '../rpc/context.ts'
import { router, userProcedure } from '../rpc/procedures.ts'

export const typingRouter = router({
  /** A member who may not write can't start typing, for the same reason, but every member can stop. */
  set: userProcedure.input(typingInputs.set).mutation(async ({ ctx, input }): Promise<void> => {
    const { services, session } = ctx
    const { room, member } = await readAccess(services.database.db, session, input.roomId)
    if (!member) throw new ChatError('NOT_A_MEMBER')
    if (input.isTyping) assertMayWrite(session, { room, member })
    const user = { id: member.user_id, name: member.user_name, pictureUrl: member.user_picture_url }
    services.typing.set(session.tenantId, input.roomId, user, input.isTyping)
  }),

  onChange: userProcedure
    .input(typingInputs.onChange)
    .subscription(
      ({ ctx, input }): AsyncGenerator<Typing, void> =>
        typingStream(ctx.services, ctx.session, input.roomId, ctx.signal),
    ),
})

/** The list of typists, first the current one and then after every change, until the membership ends. */
async function* typingStream(
  services: MembershipServices & Pick<Services, 'typing'>,
  session: Session,
  roomId: string,
  signal: AbortSignal,
): AsyncGenerator<Typing, void> {
  const wakeup = new Wakeup()
  const membership = await watchMembership(services, session, roomId, { onEnd: () => wakeup.wake() })
  try {
    const unwatch = await services.typing.watch(session.tenantId, roomId, () => wakeup.wake())
    try {
      while (!signal.aborted) {
        membership.assert()
        yield services.typing.read(session.tenantId, roomId)
        await wakeup.wait(signal)
      }
    } finally {
      unwatch()
    }
  } finally {
    membership.release()
  }
}
