import type { AuditAction, AuditEntry, JsonValue } from '../../../shared/index.ts'
import { fullTime } from '../ui/times.ts'

/** An act, after the actor's name: "banned", and then the user. */
export const ACT_WORDS: Record<AuditAction, string> = {
  'room.create': 'created the room',
  'room.update': 'changed the room',
  'room.archive': 'archived the room',
  'room.unarchive': 'unarchived the room',
  'room.freeze': 'made the room read-only',
  'room.unfreeze': 'turned off read-only',
  'room.delete': 'deleted the room',
  'room.join': 'joined with an invite from',
  'invite.create': 'created an invite',
  'invite.revoke': 'revoked an invite by',
  'member.add': 'added',
  'member.remove': 'removed',
  'member.ban': 'banned',
  'member.unban': 'unbanned',
  'member.mute': 'muted',
  'member.unmute': 'unmuted',
  'member.setRole': 'changed the role of',
  'message.send': 'sent a message as',
  'message.edit': 'edited a message by',
  'message.delete': 'deleted a message by',
  'message.pin': 'pinned a message by',
  'message.unpin': 'unpinned a message by',
  'user.ban': 'banned from the server',
  'user.unban': 'unbanned from the server',
  'auth.revokeAll': 'signed out everywhere',
  'report.resolve': 'resolved a report about',
  'wordFilter.update': 'changed the word filter',
}

/** The names of the acts in the filter. */
export const ACT_NAMES: Record<AuditAction, string> = {
  'room.create': 'Room created',
  'room.update': 'Room changed',
  'room.archive': 'Room archived',
  'room.unarchive': 'Room unarchived',
  'room.freeze': 'Room made read-only',
  'room.unfreeze': 'Read-only turned off',
  'room.delete': 'Room deleted',
  'room.join': 'Joined with an invite',
  'invite.create': 'Invite created',
  'invite.revoke': 'Invite revoked',
  'member.add': 'Member added',
  'member.remove': 'Member removed',
  'member.ban': 'Member banned',
  'member.unban': 'Member unbanned',
  'member.mute': 'Member muted',
  'member.unmute': 'Member unmuted',
  'member.setRole': 'Role changed',
  'message.send': 'Message sent on behalf of a user',
  'message.edit': 'Message edited by a service',
  'message.delete': 'Message deleted',
  'message.pin': 'Message pinned',
  'message.unpin': 'Message unpinned',
  'user.ban': 'User banned from the server',
  'user.unban': 'User unbanned from the server',
  'auth.revokeAll': 'User signed out everywhere',
  'report.resolve': 'Report resolved',
  'wordFilter.update': 'Word filter changed',
}

const isAct = (text: string): text is AuditAction => Object.hasOwn(ACT_WORDS, text)

/** Acts in a room. Acts on users of the whole server are in no room's log. */
export const ACTS_OF_ROOMS: readonly AuditAction[] = Object.keys(ACT_WORDS)
  .filter(isAct)
  .filter((act) => !act.startsWith('user.') && !act.startsWith('auth.'))

/** The details of an act in one line: "reason: spam · until: Friday, 21 November 2025 at 14:05". */
export function detailWords({ detail }: AuditEntry): string {
  return Object.entries(detail)
    .filter(([key, value]) => value !== null && !/Ids?$/.test(key) && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}: ${valueWords(key, value)}`)
    .join(' · ')
}

function valueWords(key: string, value: JsonValue): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return key === 'until' || key === 'expiresAt' ? fullTime(new Date(value)) : value
}
