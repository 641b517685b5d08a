import type { Member, MemberRole, RoomEvent, RoomState, UserSummary } from '../../../shared/index.ts'

/** A change of a room or its members, at its position in the room's log. */
export type RoomChange = { key: string; seq: number; at: Date } & (
  | { what: 'joined' | 'left'; user: UserSummary }
  | { what: 'role'; user: UserSummary; role: MemberRole }
  | { what: 'renamed'; name: string }
)

/** How long after a room was made its first members count as joined with it, where nobody is left who made it. */
const FIRST_MEMBERS_MS = 1_000

/**
 * Who joined since the first loaded message, by the members' own rows. Nobody is told of who was there from the beginning, and nobody of a
 * direct or a large room, whose state names no members.
 */
export function joinsOf({ room, members, messagesFromSeq }: RoomState): RoomChange[] {
  if (room.kind === 'direct') return []
  // The first members of a room join in one moment, and its maker is the first of them.
  const maker = members.find(({ joinedSeq }) => joinedSeq === room.seq + 1)
  const firstAt = maker?.joinedAt.getTime() ?? room.createdAt.getTime() + FIRST_MEMBERS_MS
  return members
    .filter(({ joinedAt, joinedSeq }) => joinedSeq >= messagesFromSeq && joinedAt.getTime() > firstAt)
    .map(joinOf)
}

const joinOf = ({ user, userId, joinedAt: at, joinedSeq: seq }: Member): RoomChange => ({
  key: `joined ${userId} ${seq}`,
  seq,
  at,
  what: 'joined',
  user,
})

/** A room as it was before its next event. */
export interface RoomBefore {
  name: string | null
  roles: ReadonlyMap<string, MemberRole>
}

/** What an event says has happened, where that is told; the row that it carries holds the outcome alone. */
export function changeOf(event: RoomEvent, { name, roles }: RoomBefore): RoomChange | undefined {
  if ('room' in event) {
    const { name: renamed, changedSeq: seq, updatedAt: at } = event.room
    if (!renamed || renamed === name) return undefined
    return { key: `renamed ${seq}`, seq, at, what: 'renamed', name: renamed }
  }
  if (!('member' in event)) return undefined
  const { userId, user, role, leftAt, changedSeq: seq } = event.member
  const roleBefore = roles.get(userId)
  if (leftAt) return roleBefore && { key: `left ${userId} ${seq}`, seq, at: leftAt, what: 'left', user }
  if (!roleBefore) return joinOf(event.member)
  // The row does not say when it changed: an event that comes live has just happened.
  return roleBefore === role
    ? undefined
    : { key: `role ${userId} ${seq}`, seq, at: new Date(), what: 'role', user, role }
}

/** What was seen to happen together with who joined, each once, in the order of the log. */
export function changesOf(state: RoomState, seen: readonly RoomChange[]): RoomChange[] {
  const known = new Map([...joinsOf(state), ...seen].map((change) => [change.key, change]))
  return [...known.values()].filter(({ seq }) => seq >= state.messagesFromSeq).sort((a, b) => a.seq - b.seq)
}
