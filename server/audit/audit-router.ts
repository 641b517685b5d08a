import { type AuditEntry, auditInputs } from '../../shared/audit.ts'
import type { Page } from '../../shared/page.ts'
import { router, userProcedure } from '../rpc/procedures.ts'
import { listAudit } from './audit-list.ts'

export const auditRouter = router({
  list: userProcedure
    .input(auditInputs.list.prefault({}))
    .query(({ ctx, input }): Promise<Page<AuditEntry>> => listAudit(ctx.services, ctx.session, input)),
})
