import { useEffect, useRef, useState } from 'react'
import type { GoneCause } from '../../../client/client-entry.ts'
import { useChat, useRoom, useSelected } from '../../../client/react/react-entry.ts'
import { roomTitle } from '../rooms/room-title.ts'
import { DocumentTitle } from '../ui/document-title.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { failureSentence } from '../ui/error-sentence.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { showList } from '../ui/route.ts'
import { Conversation } from './conversation.tsx'

/** The open room. Whoever was removed and is a member again visits it anew. */
export function RoomView({ roomId }: { roomId: string }) {
  const [visit, setVisit] = useState(0)
  return <Visit key={visit} roomId={roomId} onAgain={() => setVisit(visit + 1)} />
}

/** From the first request to the end. */
function Visit({ roomId, onAgain }: { roomId: string; onAgain: () => void }) {
  const { viewer, inbox } = useChat()
  const shown = useRoom(roomId)
  const listed = useSelected(inbox.view, ({ entries }) => entries.find((entry) => entry.room.id === roomId)?.room)
  const room = shown.phase === 'open' ? shown.state.room : listed
  const members = shown.phase === 'open' ? shown.state.members : []
  const title = room ? roomTitle(room, members, viewer.id) : 'Conversation'

  const [readSeq] = useState(() => {
    const counts = inbox.countsOf(roomId)
    return counts && counts.unread > 0 ? counts.readSeq : Number.POSITIVE_INFINITY
  })
  useReturn(shown.phase === 'gone', roomId, () => {
    shown.reload()
    onAgain()
  })

  return (
    <main className="room" id="conversation" tabIndex={-1} aria-label={title}>
      <DocumentTitle place={shown.phase === 'gone' ? undefined : title} />
      {shown.phase === 'open' && <Conversation state={shown.state} readSeq={readSeq} title={title} />}
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
          <p role="alert">{GONE_SENTENCES[shown.cause]}</p>
          <div className="empty-actions">
            <BackButton />
          </div>
        </EmptyState>
      )}
    </main>
  )
}

const GONE_SENTENCES: Record<GoneCause, string> = {
  left: 'You are no longer a member of this room.',
  missing: 'This room does not exist, or you don’t have access to it.',
  deleted: 'This room has been deleted.',
}

/** Calls back when a room that is gone comes into the inbox again. */
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
