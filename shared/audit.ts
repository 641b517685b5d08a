import { z } from 'zod'
import { roomId, userId } from './ids.ts'
import type { Meta } from './json.ts'
import { paging } from './page.ts'

/** The acts that the audit log records, named after their procedures. */
export const AUDIT_ACTIONS = [
  'room.create',
  'room.update',
  'room.archive',
  'room.unarchive',
  'room.freeze',
  'room.unfreeze',
  'room.delete',
  /** By an invite; `userId` made it. */
  'room.join',
  'invite.create',
  'invite.revoke',
  'member.add',
  'member.remove',
  'member.ban',
  'member.unban',
  'member.mute',
  'member.unmute',
  'member.setRole',
  /** By a service, in the name of `userId`. */
  'message.send',
  /** By a service, on another user's message. `message.versions` has the earlier text. */
  'message.edit',
  'message.delete',
  'message.pin',
  'message.unpin',
  'user.ban',
  'user.unban',
  'auth.revokeAll',
  'report.resolve',
  'wordFilter.update',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** Who did what to whom. Written together with the act, and never changed. */
export interface AuditEntry {
  id: string
  at: Date
  actorId: string
  action: AuditAction
  roomId: string | null
  /** The user that the act was done to, or the author of what it was done to. */
  userId: string | null
  messageId: string | null
  detail: Meta
}

export const auditInputs = {
  /** Without a room: the whole tenant, for a service. */
  list: z.strictObject({
    roomId: roomId.optional(),
    actorId: userId.optional(),
    action: z.enum(AUDIT_ACTIONS).optional(),
    ...paging,
  }),
}
