import { type Draft, draftInputs } from '../../shared/draft.ts'
import type { Page } from '../../shared/page.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { listDrafts, readDraft, setDraft } from './draft-store.ts'

export const draftRouter = router({
  set: userProcedure
    .input(draftInputs.set)
    .mutation(({ ctx, input }): Promise<Draft | null> => setDraft(ctx.services, ctx.session, input)),

  get: userProcedure
    .input(draftInputs.get)
    .query(({ ctx, input }): Promise<Draft | null> => readDraft(ctx.services, ctx.session, input)),

  list: userProcedure
    .input(draftInputs.list)
    .query(({ ctx, input }): Promise<Page<Draft>> => listDrafts(ctx.services, ctx.session, input)),
})
