/** From most to least rights. */
export const MEMBER_ROLES = ['owner', 'admin', 'moderator', 'member'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

/**
 * Who may do what in a room: the least role that may. Everything that is not named here (reading, sending, changing one's own messages,
 * leaving) is every member's. A service token may do everything in its tenant. What acts on another member
 * (`member.*`) needs a higher role than that member's, besides. The server decides by this table; a page leaves out what it would
 * refuse.
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
  /** Of any author: ranks protect persons and not messages. The audit log tells who deleted it. */
  'message.deleteAny': 'moderator',
  'message.readDeleted': 'moderator',
  /** In a direct room both may. */
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
