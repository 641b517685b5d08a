import { z } from 'zod'
import { roomId, userId } from './ids.ts'
import type { Meta } from './json.ts'
import { paging } from './page.ts'

/** Acts that are written down, in the words of the procedures that they are. */
export const AUDIT_ACTIONS = [
  'room.create',
  'room.update',
  'room.archive',
  'room.unarchive',
  'room.freeze',
  'room.unfreeze',
  'room.delete',
  /** By an invite: `userId` made it. */
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
  /** By a service, in somebody's name: `userId`. */
  'message.send',
  /** By a service, of what somebody said: `message.versions` has the text before. */
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

/** Who did what to whom. Written with the act, and never changed. */
export interface AuditEntry {
  id: string
  at: Date
  actorId: string
  action: AuditAction
  roomId: string | null
  /** To whom, or whose. */
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
