import type { Page } from '../../shared/page.ts'
import { type Report, reportInputs } from '../../shared/report.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { createReport } from './report-create.ts'
import { listReports } from './report-list.ts'
import { resolveReport } from './report-resolve.ts'

export const reportRouter = router({
  create: userProcedure
    .input(reportInputs.create)
    .mutation(({ ctx, input }): Promise<Report> => createReport(ctx.services, ctx.session, input)),

  list: userProcedure
    .input(reportInputs.list.prefault({}))
    .query(({ ctx, input }): Promise<Page<Report>> => listReports(ctx.services, ctx.session, input)),

  resolve: userProcedure
    .input(reportInputs.resolve)
    .mutation(({ ctx, input }): Promise<Report> => resolveReport(ctx.services, ctx.session, input)),
})
