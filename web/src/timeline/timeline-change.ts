import type { Member, MemberRole, RoomEvent, RoomState, UserSummary } from '../../../shared/index.ts'

/** A change of a room or its members, at its position in the room's log. */
export type RoomChange = { key: string; seq: number; at: Date } & (
  | { what: 'joined' | 'left'; user: UserSummary }
  | { what: 'role'; user: UserSummary; role: MemberRole }
  | { what: 'renamed'; name: string }
)

/** How long after a room's creation its first members count as joined with it, if its creator has left. */
const FIRST_MEMBERS_MS = 1_000

/**
 * The joins since the first loaded message, from the member rows. The first members of a room are left out. So are direct and
 * large rooms, whose state lists no members.
 */
export function joinsOf({ room, members, messagesFromSeq }: RoomState): RoomChange[] {
  if (room.kind === 'direct') return []
  // The first members of a room join at the same moment, and its creator is the first of them.
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

/** A room before its next event. */
export interface RoomBefore {
  name: string | null
  roles: ReadonlyMap<string, MemberRole>
}

/** The change that an event shows, if the timeline shows it. The event's row holds only the outcome. */
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
  // The row does not say when it changed, but a live event has just happened.
  return roleBefore === role
    ? undefined
    : { key: `role ${userId} ${seq}`, seq, at: new Date(), what: 'role', user, role }
}

/** The seen changes merged with the joins, each once, in the order of the log. */
export function changesOf(state: RoomState, seen: readonly RoomChange[]): RoomChange[] {
  const known = new Map([...joinsOf(state), ...seen].map((change) => [change.key, change]))
  return [...known.values()].filter(({ seq }) => seq >= state.messagesFromSeq).sort((a, b) => a.seq - b.seq)
}
