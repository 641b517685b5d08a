/*
 * A frontend as its author would write it, of the hooks alone: react-hooks.test.ts looks at it in a browser. In StrictMode, so that
 * every effect runs twice.
 */
import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import {
  ConfabProvider,
  useChatQueries,
  useConnection,
  useInbox,
  useMessages,
  usePresence,
  useRoom,
  useTyping,
  useViewer,
} from '../../../client/react/react-entry.ts'
import { createChatClient } from '../../../shared/index.ts'

const { url = '', token = '', roomId = '' } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
const client = createChatClient({ url, token })
const queryClient = new QueryClient()

function Rooms() {
  const { entries, inbox, phase } = useInbox()
  return (
    <ul aria-label="Rooms" aria-busy={phase === 'loading'}>
      {entries.map(({ room, last }) => (
        <li key={room.id}>
          {room.name} {inbox.rooms.find((counts) => counts.roomId === room.id)?.unread ?? 0} unread: {last?.preview}
        </li>
      ))}
    </ul>
  )
}

function Head() {
  const room = useRoom(roomId)
  if (room.phase !== 'open') return <h1>{room.phase}</h1>
  return (
    <header>
      <h1>{room.state.room.name}</h1>
      <ul aria-label="Members">
        {room.state.members.map(({ userId, user }) => (
          <li key={userId}>
            {user.name} <Status userId={userId} />
          </li>
        ))}
      </ul>
    </header>
  )
}

const Status = ({ userId }: { userId: string }) => <i>{usePresence(userId, roomId)?.status ?? 'unknown'}</i>
const Reachable = () => <output aria-label="Connection">{useConnection().status}</output>
const Peer = () => <output aria-label="Bob">{usePresence('bob')?.status ?? 'unknown'}</output>

function Fetched() {
  const queries = useChatQueries()
  const { data: room } = useQuery(queries.room(roomId))
  const { data: users } = useInfiniteQuery(queries.users())
  return (
    <p>
      <output aria-label="Fetched name">{room?.name}</output>
      <output aria-label="Fetched users">
        {users?.pages.flatMap(({ items }) => items.map(({ id }) => id)).join()}
      </output>
    </p>
  )
}

function Conversation() {
  const viewer = useViewer()
  const { messages, waiting, older, loadOlder, send, edit, remove } = useMessages(roomId)
  const { users, onInput, onStop } = useTyping(roomId)
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const mine = messages.findLast(({ senderId, deletedAt }) => senderId === viewer.id && !deletedAt)
  const attempt = (work: Promise<unknown>) => void work.catch((error: unknown) => setFault(String(error)))
  return (
    <main>
      {older === 'more' && <button onClick={() => attempt(loadOlder())}>Older</button>}
      <ol aria-label="Messages">
        {messages.map(({ id, content, deletedAt }) => (
          <li key={id}>{deletedAt ? '(deleted)' : content}</li>
        ))}
      </ol>
      <ol aria-label="Waiting">
        {waiting.map(({ clientId, message, phase }) => phase !== 'sent' && <li key={clientId}>{message.content}</li>)}
      </ol>
      <output aria-label="Typing">{users.map(({ name }) => name).join()}</output>
      <p role="alert">{fault}</p>
      <input
        aria-label="Message"
        value={text}
        onChange={({ target }) => {
          setText(target.value)
          onInput()
        }}
        onBlur={onStop}
        onKeyDown={({ key }) => {
          if (key !== 'Enter') return
          send(text)
          setText('')
          onStop()
        }}
      />
      <button onClick={() => mine && attempt(edit(mine.id, `${mine.content}, edited`))}>Edit</button>
      <button onClick={() => mine && attempt(remove(mine.id))}>Delete</button>
    </main>
  )
}

function Workspace() {
  const [isOpen, setOpen] = useState(true)
  return (
    <>
      <button onClick={() => setOpen(!isOpen)}>{isOpen ? 'Close' : 'Open'}</button>
      <Reachable />
      <Rooms />
      <Peer />
      {isOpen && (
        <>
          <Head />
          <Conversation />
          <Fetched />
        </>
      )}
    </>
  )
}

const page = document.getElementById('page')
if (page) {
  createRoot(page).render(
    <StrictMode>
      <ConfabProvider client={client} queryClient={queryClient} fallback={<p>Arriving…</p>}>
        <Workspace />
      </ConfabProvider>
    </StrictMode>,
  )
}
