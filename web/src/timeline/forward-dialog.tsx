import { useState } from 'react'
import { useChat, useInbox } from '../../../client/react/react-entry.ts'
import type { Message, MyRoom } from '../../../shared/index.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { RoomFace } from '../rooms/room-face.tsx'
import { peerOf, roomTitle } from '../rooms/room-title.ts'
import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { errorSentence } from '../ui/error-sentence.ts'
import { Icon } from '../ui/icons.tsx'
import { showRoom } from '../ui/route.ts'

/** Picks the room to forward a message to. */
export function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { client, viewer } = useChat()
  const { toasts } = useSession()
  const { entries, nextCursor, loadMore } = useInbox()
  const [query, setQuery] = useState('')
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [clientId] = useState(() => crypto.randomUUID())

  const wanted = query.trim().toLocaleLowerCase()
  const rooms = entries
    .map(({ room }) => ({ room, title: roomTitle(room, [], viewer.id) }))
    .filter(({ title }) => title.toLocaleLowerCase().includes(wanted))

  const forward = async (room: MyRoom, title: string) => {
    if (isBusy) return
    setBusy(true)
    setFault('')
    try {
      await client.message.forward.mutate({
        roomId: message.roomId,
        messageId: message.id,
        toRoomId: room.id,
        clientId,
      })
      toasts.note(`Forwarded to ${title}.`, { text: 'Show', run: () => showRoom(room.id) })
      onClose()
    } catch (error) {
      setFault(errorSentence(error))
      setBusy(false)
    }
  }

  return (
    <Dialog title="Forward to" onClose={onClose}>
      <blockquote className="quote" dir="auto">
        {firstWords(message.content)}
      </blockquote>
      <label className="search">
        <span className="for-readers">Room</span>
        <Icon name="search" size={18} />
        <input
          className="input"
          type="search"
          placeholder="Search your rooms"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          autoComplete="off"
          data-first-focus
        />
      </label>
      <div className="dialog-scroll">
        <ul className="people" aria-busy={isBusy}>
          {rooms.map(({ room, title }) => (
            <li key={room.id}>
              <button type="button" className="person" onClick={() => void forward(room, title)}>
                <RoomFace room={room} peer={peerOf(room, [], viewer.id)} size={32} />
                <bdi className="person-name">{title}</bdi>
              </button>
            </li>
          ))}
        </ul>
        {nextCursor && (
          <button
            type="button"
            className="button button-small"
            onClick={() => void loadMore().catch((error: unknown) => toasts.fault(error))}
          >
            Show more
          </button>
        )}
      </div>
      {fault && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </Dialog>
  )
}
