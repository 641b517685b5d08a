import type { RoomState } from '../../../shared/index.ts'
import { PRESENCE_WORDS, usePresence } from '../people/presence-dot.tsx'
import { RoomFace } from '../rooms/room-face.tsx'
import { peerOf } from '../rooms/room-title.ts'
import { useSession } from '../session/session-context.ts'
import { useSelected } from '../store/use-store.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { showList } from '../ui/route.ts'

interface RoomHeaderProps {
  state: RoomState
  title: string
  isPanelOpen: boolean
  onTogglePanel: () => void
}

/** What the open room is called, who is there, and the way to its members. */
export function RoomHeader({ state, title, isPanelOpen, onTogglePanel }: RoomHeaderProps) {
  const { viewer } = useSession()
  const { room, members } = state
  const peer = peerOf(room, members, viewer.id)
  return (
    <header className="room-head">
      <IconButton className="room-back" icon="back" label="Back to conversations" onClick={showList} />
      <RoomFace room={room} peer={peer} size={38} />
      <div className="room-head-text">
        <h2 className="room-title">
          <bdi>{title}</bdi>
        </h2>
        <p className="room-subtitle">
          {room.kind === 'direct' ? <PeerStatus userId={peer.id} /> : <Headcount state={state} />}
        </p>
      </div>
      <IconButton
        icon="people"
        label={isPanelOpen ? 'Hide members' : 'Show members'}
        aria-expanded={isPanelOpen}
        aria-controls="member-panel"
        data-panel-toggle
        onClick={onTogglePanel}
      />
    </header>
  )
}

const PeerStatus = ({ userId }: { userId: string }) => PRESENCE_WORDS[usePresence(userId)]

function Headcount({ state: { room, members } }: { state: RoomState }) {
  const { presence } = useSession()
  const online = useSelected(
    presence.known,
    (known) => members.filter(({ userId }) => (known.get(userId)?.status ?? 'offline') !== 'offline').length,
  )
  const count = room.memberCount === 1 ? '1 member' : `${room.memberCount} members`
  return online > 0 ? `${count}, ${online} online` : count
}
