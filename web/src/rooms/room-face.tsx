import type { Room, UserSummary } from '../../../shared/index.ts'
import { PresenceDot } from '../people/presence-dot.tsx'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'

interface RoomFaceProps {
  room: Pick<Room, 'id' | 'kind' | 'name' | 'isPrivate'>
  peer: UserSummary
  size?: number
}

/** A room's picture: the other person's in a direct conversation, a symbol for channels, initials for groups. */
export function RoomFace({ room, peer, size = 40 }: RoomFaceProps) {
  if (room.kind === 'direct') {
    return (
      <Avatar id={peer.id} name={peer.name} pictureUrl={peer.pictureUrl} size={size}>
        <PresenceDot userId={peer.id} />
      </Avatar>
    )
  }
  return (
    <span className="room-face">
      <Avatar id={room.id} name={room.name ?? '·'} pictureUrl={null} size={size}>
        {room.kind === 'channel' && (
          <span className="room-face-kind">
            <Icon name={room.isPrivate ? 'lock' : 'hash'} size={12} />
          </span>
        )}
      </Avatar>
    </span>
  )
}
