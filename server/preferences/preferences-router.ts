import { type Preferences, preferencesInputs } from '../../shared/preferences.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { readPreferences, writePreferences } from './preferences-store.ts'

/** The caller's own preferences. */
export const preferencesRouter = router({
  get: userProcedure.query(({ ctx }): Promise<Preferences> => readPreferences(ctx.services.database.db, ctx.session)),

  update: userProcedure.input(preferencesInputs.update).mutation(async ({ ctx, input }): Promise<Preferences> => {
    const { services, session } = ctx
    const preferences = await writePreferences(services.database.db, session, input)
    if (input.presenceVisibility) services.presence.refresh(session.tenantId, session.userId)
    return preferences
  }),
})
