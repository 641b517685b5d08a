import type { Member } from '../../../shared/index.ts'
import { MEMBER_ROLES, type MemberRole, mayRole, outranks, type Permission } from '../../../shared/permissions.ts'

/** Whether a role has a permission, by the server's own table; without a role, never. */
export const may = (role: MemberRole | undefined, permission: Permission): boolean =>
  role !== undefined && mayRole(role, permission)

/** The roles that a role can give to another member: those below its own. */
export const rolesToGive = (role: MemberRole, current: MemberRole): MemberRole[] =>
  MEMBER_ROLES.filter((each) => each !== current && outranks(role, each))

/** The order of the member list. */
export const byRoleAndName = (a: Member, b: Member): number =>
  MEMBER_ROLES.indexOf(a.role) - MEMBER_ROLES.indexOf(b.role) || a.user.name.localeCompare(b.user.name)
