import type { AuditAction, AuditEntry, JsonValue } from '../../../shared/index.ts'
import { fullTime } from '../ui/times.ts'

/** What somebody did, after their name: "banned", and then to whom. */
export const ACT_WORDS: Record<AuditAction, string> = {
  'room.create': 'made the room',
  'room.update': 'changed the room',
  'room.archive': 'archived the room',
  'room.unarchive': 'brought the room back',
  'room.freeze': 'froze the room',
  'room.unfreeze': 'unfroze the room',
  'room.delete': 'deleted the room',
  'room.join': 'joined by an invite of',
  'invite.create': 'made an invite',
  'invite.revoke': 'revoked an invite of',
  'member.add': 'added',
  'member.remove': 'removed',
  'member.ban': 'banned',
  'member.unban': 'unbanned',
  'member.mute': 'muted',
  'member.unmute': 'unmuted',
  'member.setRole': 'gave another role to',
  'message.send': 'sent a message in the name of',
  'message.edit': 'edited a message of',
  'message.delete': 'deleted a message of',
  'message.pin': 'pinned a message of',
  'message.unpin': 'unpinned a message of',
  'user.ban': 'banned from the server',
  'user.unban': 'unbanned from the server',
  'auth.revokeAll': 'signed out everywhere',
  'report.resolve': 'resolved a report about',
  'filter.update': 'changed the word filter',
}

const isAct = (text: string): text is AuditAction => Object.hasOwn(ACT_WORDS, text)

/** Acts of a room: those on users of the whole server are in no room's log. */
export const ACTS_OF_ROOMS: readonly AuditAction[] = Object.keys(ACT_WORDS)
  .filter(isAct)
  .filter((act) => !act.startsWith('user.') && !act.startsWith('auth.'))

/** What else is known of an act, in a line: "reason: spam · until: Friday, 21 November 2025 at 14:05". */
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
