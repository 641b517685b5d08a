import { type KeyboardEvent, memo } from 'react'
import type { LastMessage, RoomEntry } from '../../../client/client-entry.ts'
import { useViewer } from '../../../client/react/react-entry.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { roomHref } from '../ui/route.ts'
import { listTime } from '../ui/times.ts'
import { RoomFace } from './room-face.tsx'
import { peerOf, roomTitle } from './room-title.ts'

interface RoomItemProps {
  entry: RoomEntry
  unread: number
  mentions: number
  isOpen: boolean
}

/** One room in the sidebar. */
export const RoomItem = memo(function RoomItem({ entry: { room, last }, unread, mentions, isOpen }: RoomItemProps) {
  const viewer = useViewer()
  return (
    <li>
      <a
        className="room-item"
        href={roomHref(room.id)}
        data-room={room.id}
        data-unread={unread > 0 || undefined}
        aria-current={isOpen ? 'page' : undefined}
        onKeyDown={moveByArrows}
      >
        <RoomFace room={room} peer={peerOf(room, [], viewer.id)} />
        <span className="room-item-text">
          <span className="room-item-line">
            <bdi className="room-item-name">{roomTitle(room, [], viewer.id)}</bdi>
            {last && (
              <time className="room-item-time" dateTime={last.at.toISOString()}>
                {listTime(last.at)}
              </time>
            )}
          </span>
          <span className="room-item-line">
            <Preview last={last} isDirect={room.kind === 'direct'} viewerId={viewer.id} />
            {mentions > 0 && (
              <span className="badge badge-mention" title="Mentions of you">
                {mentions > 99 ? '99+' : mentions}
                <span className="for-readers">{mentions === 1 ? ' mention' : ' mentions'}</span>
              </span>
            )}
            {unread > 0 && (
              <span className="badge">
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

/** Up and down move between rooms, as in any list; Tab goes on past them one by one as well. */
function moveByArrows(event: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  const items = [...document.querySelectorAll<HTMLElement>('.room-item')]
  const next = items[items.indexOf(event.currentTarget) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}
