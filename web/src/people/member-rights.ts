import type { Member } from '../../../shared/index.ts'
import { MEMBER_ROLES, type MemberRole, mayRole, outranks, type Permission } from '../../../shared/permissions.ts'

/** Whether somebody may, as the server will see it; nobody may anything. */
export const may = (role: MemberRole | undefined, permission: Permission): boolean =>
  role !== undefined && mayRole(role, permission)

/** The roles that somebody with this role can give to a member who has another: below their own. */
export const rolesToGive = (role: MemberRole, current: MemberRole): MemberRole[] =>
  MEMBER_ROLES.filter((each) => each !== current && outranks(role, each))

/** The order of the member list. */
export const byRoleAndName = (a: Member, b: Member): number =>
  MEMBER_ROLES.indexOf(a.role) - MEMBER_ROLES.indexOf(b.role) || a.user.name.localeCompare(b.user.name)
