/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a select would take the focus from the field */
import { useViewer } from '../../../client/react/react-entry.ts'
import { RoomFace } from '../rooms/room-face.tsx'
import { peerOf } from '../rooms/room-title.ts'
import { Avatar } from '../ui/avatar.tsx'
import type { SwitcherChoice } from './switcher-choices.ts'

interface SwitcherOptionProps {
  id: string
  choice: SwitcherChoice
  isActive: boolean
  onGo: () => void
}

/** One line of the switcher. The field keeps the focus and handles the keys. */
export function SwitcherOption({ id, choice, isActive, onGo }: SwitcherOptionProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field handles the keys
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className="person switcher-option"
      data-unread={(choice.type === 'room' && choice.unread > 0) || undefined}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onGo}
    >
      {choice.type === 'room' ? <Room {...choice} /> : <Person {...choice} />}
    </div>
  )
}

function Room({ room, title, unread, mentions }: Extract<SwitcherChoice, { type: 'room' }>) {
  const viewer = useViewer()
  return (
    <>
      <RoomFace room={room} peer={peerOf(room, [], viewer.id)} size={32} />
      <bdi className="person-name">{title}</bdi>
      {unread > 0 && (
        <span className={mentions > 0 ? 'badge badge-mention' : 'badge'}>
          {unread > 99 ? '99+' : unread}
          <span className="for-readers"> unread</span>
        </span>
      )}
    </>
  )
}

const Person = ({ user }: Extract<SwitcherChoice, { type: 'person' }>) => (
  <>
    <Avatar id={user.id} name={user.name} pictureUrl={user.pictureUrl} size={32} />
    <bdi className="person-name">{user.name}</bdi>
    <span className="switcher-says">New message</span>
  </>
)
