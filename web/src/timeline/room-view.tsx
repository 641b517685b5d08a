import { useEffect, useRef, useState } from 'react'
import { roomTitle } from '../rooms/room-title.ts'
import { useSession } from '../session/session-context.ts'
import { useSelected, useStore } from '../store/use-store.ts'
import { DocumentTitle } from '../ui/document-title.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { showList } from '../ui/route.ts'
import { Conversation } from './conversation.tsx'
import { OpenRoom } from './open-room.ts'

/** The open room. Whoever was removed and is a member again visits it anew. */
export function RoomView({ roomId }: { roomId: string }) {
  const [visit, setVisit] = useState(0)
  return <Visit key={visit} roomId={roomId} onAgain={() => setVisit(visit + 1)} />
}

/** From the first request to the end. */
function Visit({ roomId, onAgain }: { roomId: string; onAgain: () => void }) {
  const session = useSession()
  const { viewer, rooms } = session
  const [open] = useState(() => new OpenRoom(session, roomId))
  const shown = useStore(open.log.state)
  const room = shown.phase === 'open' ? shown.state.room : rooms.entryOf(roomId)?.room
  const members = shown.phase === 'open' ? shown.state.members : []
  const title = room ? roomTitle(room, members, viewer.id) : 'Conversation'

  useEffect(() => {
    open.start()
    return () => open.stop()
  }, [open])
  useReturn(shown.phase === 'gone', roomId, onAgain)

  return (
    <main className="room" id="conversation" tabIndex={-1} aria-label={title}>
      <DocumentTitle place={shown.phase === 'gone' ? undefined : title} />
      {shown.phase === 'open' && <Conversation open={open} state={shown.state} older={shown.older} title={title} />}
      {shown.phase === 'loading' && <Waiting title={room ? title : ''} />}
      {shown.phase === 'failed' && (
        <EmptyState icon="alert" title="This room could not be loaded">
          <p role="alert">{shown.sentence}</p>
          <div className="empty-actions">
            <button type="button" className="button button-primary" onClick={() => void open.log.load()}>
              Try again
            </button>
            <BackButton />
          </div>
        </EmptyState>
      )}
      {shown.phase === 'gone' && (
        <EmptyState icon="leave" title={room ? title : 'Not here'}>
          <p role="alert">{shown.sentence}</p>
          <div className="empty-actions">
            <BackButton />
          </div>
        </EmptyState>
      )}
    </main>
  )
}

/** Calls back when a room that is gone comes into the inbox again. */
function useReturn(isGone: boolean, roomId: string, onReturn: () => void) {
  const { rooms } = useSession()
  const isListed = useSelected(rooms.state, ({ inbox }) => inbox.rooms.some((room) => room.roomId === roomId))
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
