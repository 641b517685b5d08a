import { AUDIT_ACTIONS, type AuditAction } from '../../shared/audit.ts'

/** Actions that are stored under the name of an earlier release. */
const STORED: Partial<Record<AuditAction, string>> = { 'wordFilter.update': 'filter.update' }

const ACTIONS = new Map(AUDIT_ACTIONS.map((action) => [storedAction(action), action]))

/** The action as stored in the column. */
export function storedAction(action: AuditAction): string {
  return STORED[action] ?? action
}

/** The action for a stored text. */
export function auditAction(stored: string): AuditAction {
  const action = ACTIONS.get(stored)
  if (!action) throw new Error(`Unable to read the audit log; no action is stored as ${stored}`)
  return action
}
