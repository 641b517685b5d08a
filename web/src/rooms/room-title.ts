import type { Member, MyRoom, Room, RoomViewer, UserSummary } from '../../../shared/index.ts'

const NO_PEER: UserSummary = { id: '', name: 'Direct message', pictureUrl: null }

/** The other user of a direct conversation, from whichever of the two sources has it. */
export function peerOf(room: Room | MyRoom, members: readonly Member[], viewerId: string): UserSummary {
  const known = 'peer' in room ? room.peer : null
  return known ?? members.find(({ userId }) => userId !== viewerId)?.user ?? NO_PEER
}

/** A room's title on this page. */
export function roomTitle(room: Room | MyRoom, members: readonly Member[], viewerId: string): string {
  if (room.kind === 'direct') return peerOf(room, members, viewerId).name
  return room.name ?? 'Untitled room'
}

/** The viewer is notified of mentions only. */
export const isRoomMuted = ({ settings }: RoomViewer): boolean => settings.notifications === 'none'
