/** Who is in which room, the same for every system: `members` users in each of `rooms` rooms. */
export interface Layout {
  rooms: number
  members: number
  /** The same users in every room; otherwise everybody is in one room, `members` after `members`. */
  areShared?: boolean
  /** The numbers of the first room and of the first user, where a database holds several layouts. */
  firstRoom?: number
  firstUser?: number
}

export const userIdOf = (user: number): string => `user-${user}`
export const roomIdOf = (room: number): string => `00000000-0000-7000-8000-${room.toString(16).padStart(12, '0')}`

export const userCount = ({ rooms, members, areShared = false }: Layout): number =>
  areShared ? members : rooms * members

/** The n-th user's id, and the n-th room's, of a layout. */
export const memberIdOf = (n: number, { firstUser = 0 }: Layout): string => userIdOf(firstUser + n)
export const layoutRoomId = (n: number, { firstRoom = 0 }: Layout): string => roomIdOf(firstRoom + n)

/** Each membership of a layout as a row: the room's number, the user's, and the member's place in the room. */
export function* membershipsOf({ rooms, members, areShared = false }: Layout): Generator<[number, number, number]> {
  for (let room = 0; room < rooms; room++) {
    for (let place = 0; place < members; place++) yield [room, areShared ? place : room * members + place, place]
  }
}

/** Subscription ids as clients have them who have been connected for a while: from 1 to 500. */
export const subscriptionIdOf = (n: number): number => 1 + ((n * 37) % 500)

/** What all systems sign and verify tokens with. */
export const TOKEN_SECRET = 'a secret of the benchmark, of more than 32 bytes'
