import { useEffect, useRef, useState } from 'react'
import type { GoneCause } from '../../../client/client-entry.ts'
import { useChat, useRoom, useSelected } from '../../../client/react/react-entry.ts'
import type { Room } from '../../../shared/index.ts'
import { roomTitle } from '../rooms/room-title.ts'
import { DocumentTitle } from '../ui/document-title.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { failureSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { showList } from '../ui/route.ts'
import { useAttempt } from '../ui/use-attempt.ts'
import { Conversation } from './conversation.tsx'
import { useBan } from './use-ban.ts'
import { useUnreadLine } from './use-unread-line.ts'

/** The open room. A user who was removed and is a member again starts a new visit. */
export function RoomView({ roomId }: { roomId: string }) {
  const [visit, setVisit] = useState(0)
  return <Visit key={visit} roomId={roomId} onAgain={() => setVisit(visit + 1)} />
}

/** All phases of the room, from the first request to the end. */
function Visit({ roomId, onAgain }: { roomId: string; onAgain: () => void }) {
  const { viewer, inbox } = useChat()
  const shown = useRoom(roomId)
  const listed = useSelected(inbox.view, ({ entries }) => entries.find((entry) => entry.room.id === roomId)?.room)
  const room = useLatest(shown.phase === 'open' ? shown.state.room : listed)
  const members = shown.phase === 'open' ? shown.state.members : []
  const title = room ? roomTitle(room, members, viewer.id) : 'Conversation'

  const unreadLine = useUnreadLine(roomId)
  const isOpenChannel = isOpenToAll(room)
  const cause = shown.phase === 'gone' ? shown.cause : undefined
  // In an open channel, the attempt to join again reports a ban.
  const ban = useBan(roomId, cause === 'missing' || (cause === 'left' && !isOpenChannel))
  useReturn(shown.phase === 'gone', roomId, () => {
    shown.reload()
    onAgain()
  })

  return (
    <main className="room" id="conversation" tabIndex={-1} aria-label={title}>
      <DocumentTitle place={shown.phase === 'gone' ? undefined : title} />
      {shown.phase === 'open' && (
        <Conversation state={shown.state} isCurrent={shown.isCurrent} unreadLine={unreadLine} title={title} />
      )}
      {shown.phase === 'loading' && <Waiting title={room ? title : ''} />}
      {shown.phase === 'failed' && (
        <EmptyState icon="alert" title="Couldn’t load this room">
          <p role="alert">{failureSentence(shown.failure)}</p>
          <div className="empty-actions">
            <button type="button" className="button button-primary" onClick={shown.reload}>
              Try again
            </button>
            <BackButton />
          </div>
        </EmptyState>
      )}
      {shown.phase === 'gone' && (
        <EmptyState icon="leave" title={room ? title : 'Not found'}>
          <p role="alert">{ban ?? goneSentence(shown.cause, room && title)}</p>
          <div className="empty-actions">
            {shown.cause === 'left' && isOpenChannel && <JoinAgain roomId={roomId} />}
            <BackButton />
          </div>
        </EmptyState>
      )}
    </main>
  )
}

/** The server reports the end of the membership, and not its cause. A user who leaves in this window does not stay to read it. */
function goneSentence(cause: GoneCause, title: string | undefined): string {
  if (cause === 'deleted') return 'This room has been deleted.'
  if (cause === 'missing') return 'This room does not exist, or you don’t have access to it.'
  return title === undefined
    ? 'You are not a member of this room.'
    : `You were removed from “${title}”, or left it in another window.`
}

/** A room that was never loaded is a public channel: the server reports any other one as missing. */
const isOpenToAll = (room: Room | undefined) => !room || (room.kind === 'channel' && !room.isPrivate)

/** The value, or the last one if there is none any more. */
function useLatest<T>(value: T | undefined): T | undefined {
  const [latest, setLatest] = useState(value)
  if (value !== undefined && value !== latest) setLatest(value)
  return value ?? latest
}

/** Joins a channel that anyone may join. A banned user sees until when. */
function JoinAgain({ roomId }: { roomId: string }) {
  const { client } = useChat()
  const { isBusy, fault, attempt } = useAttempt()
  const join = () => void attempt(() => client.room.join.mutate({ roomId }))
  return (
    <>
      <FaultLine fault={fault} />
      <button type="button" className="button button-primary" disabled={isBusy} onClick={join}>
        Join room
      </button>
    </>
  )
}

/** Calls back when a room that is gone reappears in the inbox. */
function useReturn(isGone: boolean, roomId: string, onReturn: () => void) {
  const { inbox } = useChat()
  const isListed = useSelected(inbox.view, ({ inbox: { rooms } }) => rooms.some((room) => room.roomId === roomId))
  const wasListed = useRef(isListed)
  useEffect(() => {
    if (isGone && isListed && !wasListed.current) onReturn()
    wasListed.current = isListed
  }, [isGone, isListed, onReturn])
}

const BackButton = () => (
  <button type="button" className="button" onClick={showList}>
    Back to conversations
  </button>
)

const Waiting = ({ title }: { title: string }) => (
  <>
    <header className="room-head">
      <IconButton className="room-back" icon="back" label="Back to conversations" onClick={showList} />
      <div className="room-head-text">
        <h2 className="room-title">
          <bdi>{title}</bdi>
        </h2>
      </div>
    </header>
    <output className="room-waiting">Loading messages…</output>
  </>
)
