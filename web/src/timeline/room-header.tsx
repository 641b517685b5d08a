import { useRoomPresence, useStore, useViewer } from '../../../client/react/react-entry.ts'
import type { MemberRole, RoomState } from '../../../shared/index.ts'
import { ReportsButton } from '../moderation/reports-button.tsx'
import { usePresenceWords } from '../people/presence-dot.tsx'
import { RoomFace } from '../rooms/room-face.tsx'
import { peerOf } from '../rooms/room-title.ts'
import { useSession } from '../session/session-context.ts'
import { IconButton } from '../ui/icon-button.tsx'
import type { IconName } from '../ui/icons.tsx'
import { showList } from '../ui/route.ts'
import type { SidePanel } from './side-panel.ts'

type PanelName = Extract<SidePanel, string>

const PANELS: readonly { name: PanelName; icon: IconName; what: string }[] = [
  { name: 'search', icon: 'search', what: 'search' },
  { name: 'pinned', icon: 'pin', what: 'pinned messages' },
  { name: 'members', icon: 'people', what: 'members' },
]

interface RoomHeaderProps {
  state: RoomState
  title: string
  viewerRole: MemberRole | undefined
  panel: SidePanel
  /** Opens a panel, or closes the open one. */
  onPanel: (panel: PanelName) => void
}

/** The open room's title, its online members, and the buttons of its panels. */
export function RoomHeader({ state, title, viewerRole, panel, onPanel }: RoomHeaderProps) {
  const viewer = useViewer()
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
          {room.kind === 'direct' ? <PeerStatus userId={peer.id} roomId={room.id} /> : <Headcount state={state} />}
        </p>
      </div>
      <ReportsButton state={state} viewerRole={viewerRole} />
      {PANELS.map(({ name, icon, what }) => (
        <IconButton
          key={name}
          icon={icon}
          label={`${panel === name ? 'Hide' : 'Show'} ${what}`}
          aria-expanded={panel === name}
          aria-controls={name === 'members' ? 'member-panel' : 'side-panel'}
          data-panel-toggle={name}
          onClick={() => onPanel(name)}
        />
      ))}
    </header>
  )
}

const PeerStatus = ({ userId, roomId }: { userId: string; roomId: string }) => usePresenceWords(userId, roomId)

function Headcount({ state: { room, members } }: { state: RoomState }) {
  const presence = useRoomPresence(room.id)
  const isAway = useStore(useSession().isAway)
  const online = members.filter(({ userId }) => (presence.get(userId)?.status ?? 'offline') !== 'offline').length
  const count = room.memberCount === 1 ? '1 member' : `${room.memberCount} members`
  return online > 0 && !isAway ? `${count}, ${online} online` : count
}
