/** From most to least rights. */
export const MEMBER_ROLES = ['owner', 'admin', 'moderator', 'member'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

/**
 * The lowest role that may do each thing in a room. Every member may do everything that is not named here (reading, sending,
 * changing one's own messages, leaving). A service token may do everything in its tenant. An act on another member (`member.*`)
 * also needs a higher role than that member's. The server decides by this table. A page uses it to leave out what the server
 * would refuse.
 */
export const PERMISSIONS = {
  'room.update': 'admin',
  'room.archive': 'admin',
  'room.delete': 'owner',
  'invite.create': 'moderator',
  'invite.list': 'moderator',
  'invite.revoke': 'moderator',
  'member.add': 'moderator',
  'member.remove': 'moderator',
  'member.mute': 'moderator',
  'member.ban': 'moderator',
  'member.setRole': 'admin',
  /** Messages of any author: ranks protect members, not messages. The audit log records the delete. */
  'message.deleteAny': 'moderator',
  'message.readDeleted': 'moderator',
  /** Both users may in a direct room. */
  'message.pin': 'moderator',
  'message.mentionRoom': 'moderator',
  'report.resolve': 'moderator',
  'wordFilter.update': 'admin',
  'audit.list': 'admin',
} as const satisfies Record<string, MemberRole>

export type Permission = keyof typeof PERMISSIONS

/** 0 for the owner, rising as rights fall. */
const rank = (role: MemberRole): number => MEMBER_ROLES.indexOf(role)

export const mayRole = (role: MemberRole, permission: Permission): boolean =>
  rank(role) <= rank(PERMISSIONS[permission])

export const outranks = (role: MemberRole, other: MemberRole): boolean => rank(role) < rank(other)
