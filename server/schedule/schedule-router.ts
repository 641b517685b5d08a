import type { Page } from '../../shared/page.ts'
import { type ScheduledMessage, scheduleInputs } from '../../shared/schedule.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { cancelSchedule, createSchedule, updateSchedule } from './schedule-change.ts'
import { listSchedules } from './schedule-list.ts'

export const scheduleRouter = router({
  create: userProcedure
    .input(scheduleInputs.create)
    .mutation(({ ctx, input }): Promise<ScheduledMessage> => createSchedule(ctx.services, ctx.session, input)),

  list: userProcedure
    .input(scheduleInputs.list)
    .query(({ ctx, input }): Promise<Page<ScheduledMessage>> => listSchedules(ctx.services, ctx.session, input)),

  update: userProcedure
    .input(scheduleInputs.update)
    .mutation(({ ctx, input }): Promise<ScheduledMessage> => updateSchedule(ctx.services, ctx.session, input)),

  cancel: userProcedure
    .input(scheduleInputs.cancel)
    .mutation(({ ctx, input }): Promise<void> => cancelSchedule(ctx.services, ctx.session, input.scheduleId)),
})
