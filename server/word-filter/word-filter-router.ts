import { type WordFilter, wordFilterInputs } from '../../shared/word-filter.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { readFilter, updateFilter } from './word-filter-change.ts'

export const wordFilterRouter = router({
  get: userProcedure
    .input(wordFilterInputs.get.prefault({}))
    .query(({ ctx, input }): Promise<WordFilter> => readFilter(ctx.services, ctx.session, input.roomId)),

  update: userProcedure
    .input(wordFilterInputs.update)
    .mutation(({ ctx, input }): Promise<WordFilter> => updateFilter(ctx.services, ctx.session, input)),
})
