import { type Presence, presenceInputs } from '../../shared/presence.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { roomPresenceStream, userPresenceStream } from './presence-stream.ts'

export const presenceRouter = router({
  set: userProcedure.input(presenceInputs.set).mutation(async ({ ctx, input }): Promise<void> => {
    ctx.services.presence.set(ctx.session.tenantId, ctx.session.userId, input.status, input.text)
  }),

  get: userProcedure
    .input(presenceInputs.get)
    .query(({ ctx, input }): Promise<Presence[]> => ctx.services.presence.read(ctx.session, input.userIds)),

  onChange: userProcedure
    .input(presenceInputs.onChange)
    .subscription(
      ({ ctx: { services, session, signal }, input }): AsyncGenerator<Presence[], void> =>
        'roomId' in input
          ? roomPresenceStream(services, session, input.roomId, signal)
          : userPresenceStream(services, session, input.userIds, signal),
    ),
})
