import { type CSSProperties, type KeyboardEvent, type MouseEvent, memo, useRef } from 'react'
import type { LastMessage, RoomEntry } from '../../../client/client-entry.ts'
import { useSelected, useViewer } from '../../../client/react/react-entry.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { useSession } from '../session/session-context.ts'
import { useLongPress } from '../timeline/use-long-press.ts'
import { pointAnchor } from '../ui/context-menu.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { roomHref } from '../ui/route.ts'
import { listTime } from '../ui/times.ts'
import type { Anchor } from '../ui/use-popup.ts'
import { RoomFace } from './room-face.tsx'
import { isRoomMuted, peerOf, roomTitle } from './room-title.ts'

interface RoomItemProps {
  entry: RoomEntry
  unread: number
  mentions: number
  isOpen: boolean
  /** Its index in the list, from 0, and the length of the list; -1 while that is not known. */
  index: number
  setSize: number
  /** Tab reaches this one. */
  isReachable: boolean
  onFocus: (roomId: string) => void
  /** False if the key does not move. */
  onMove: (roomId: string, key: string) => boolean
  onMenu: (roomId: string, anchor: Anchor) => void
}

/** One room in the sidebar. */
export const RoomItem = memo(function RoomItem(props: RoomItemProps) {
  const { entry, unread, mentions, isOpen, index, setSize, isReachable, onFocus, onMove, onMenu } = props
  const { room, last } = entry
  const viewer = useViewer()
  const { drafts } = useSession()
  const hasDraft = useSelected(drafts.rooms, (rooms) => rooms.has(room.id)) && !isOpen
  const item = useRef<HTMLAnchorElement>(null)
  const besideItem = () => item.current && onMenu(room.id, item.current)
  const longPress = useLongPress(besideItem)
  const isMuted = isRoomMuted(room.viewer)

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) besideItem()
    else if (!onMove(room.id, event.key)) return
    event.preventDefault()
  }
  const onContextMenu = (event: MouseEvent<HTMLElement>) => {
    longPress.onContextMenu(event)
    if (event.defaultPrevented) return
    event.preventDefault()
    // Without a pointer, a key opens it.
    if (event.button === 2) onMenu(room.id, pointAnchor(event.clientX, event.clientY))
    else besideItem()
  }

  return (
    <li className="room-row" style={asRow(index)} aria-posinset={index + 1} aria-setsize={setSize}>
      <a
        ref={item}
        className="room-item"
        href={roomHref(room.id)}
        data-room={room.id}
        data-unread={unread > 0 || undefined}
        data-muted={isMuted || undefined}
        aria-current={isOpen ? 'page' : undefined}
        tabIndex={isReachable ? 0 : -1}
        draggable={false}
        onFocus={() => onFocus(room.id)}
        onKeyDown={onKeyDown}
        {...longPress}
        onContextMenu={onContextMenu}
      >
        <RoomFace room={room} peer={peerOf(room, [], viewer.id)} />
        <span className="room-item-text">
          <span className="room-item-line">
            <bdi className="room-item-name">{roomTitle(room, [], viewer.id)}</bdi>
            {room.viewer.settings.isPinned && <Mark icon="pin" says="Pinned" />}
            {isMuted && <Mark icon="bell-off" says="Muted" />}
            {last && (
              <time className="room-item-time" dateTime={last.at.toISOString()}>
                {listTime(last.at)}
              </time>
            )}
          </span>
          <span className="room-item-line">
            {hasDraft && (
              <span className="room-item-draft">
                <Icon name="pencil" size={14} /> Draft
              </span>
            )}
            <Preview last={last} isDirect={room.kind === 'direct'} viewerId={viewer.id} />
            {mentions > 0 && (
              <span className="badge badge-mention" title="Mentions of you">
                {mentions > 99 ? '99+' : mentions}
                <span className="for-readers">{mentions === 1 ? ' mention' : ' mentions'}</span>
              </span>
            )}
            {unread > 0 && (
              <span className={isMuted ? 'badge badge-quiet' : 'badge'}>
                {unread > 99 ? '99+' : unread}
                <span className="for-readers"> unread</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  )
})

function Mark({ icon, says }: { icon: IconName; says: string }) {
  return (
    <span className="room-item-mark" title={says}>
      <Icon name={icon} size={14} />
      <span className="for-readers">{says}</span>
    </span>
  )
}

/** Set on the row itself, not as an inherited property: moving a row does not restyle its content. */
const asRow = (index: number): CSSProperties => ({ insetBlockStart: `calc(${index} * var(--row-height))` })

function Preview({ last, isDirect, viewerId }: { last: LastMessage | null; isDirect: boolean; viewerId: string }) {
  if (!last) return <span className="room-item-preview room-item-quiet">No messages yet</span>
  const sender = last.senderId === viewerId ? 'You' : isDirect ? '' : last.senderName
  return (
    <span className="room-item-preview">
      {sender && (
        <>
          <bdi>{sender}</bdi>
          {': '}
        </>
      )}
      {last.isDeleted ? <i>Message deleted</i> : <bdi>{firstWords(last.preview)}</bdi>}
    </span>
  )
}
