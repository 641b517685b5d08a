import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useChat, useChatQueries } from '../../../client/react/react-entry.ts'
import { LIMITS, type Room, type SearchHit } from '../../../shared/index.ts'
import { roomTitle } from '../rooms/room-title.ts'
import { useSession } from '../session/session-context.ts'
import { toVisit } from '../session/visit.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { showRoom } from '../ui/route.ts'
import { fullTime, listTime } from '../ui/times.ts'
import { useEscape } from '../ui/use-escape.ts'
import { useSettled } from '../ui/use-settled.ts'
import { MarkedSnippet } from './marked-snippet.tsx'

interface SearchPanelProps {
  room: Room
  title: string
  onClose: () => void
}

/** Searches messages, in this room or in all of the viewer's rooms. */
export function SearchPanel({ room, title, onClose }: SearchPanelProps) {
  const [text, setText] = useState('')
  const [isEverywhere, setEverywhere] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const query = useSettled(text).trim()
  useEffect(() => field.current?.focus(), [])
  useEscape(onClose)

  return (
    <aside className="panel search-panel" id="side-panel" aria-label="Search">
      <header className="panel-head">
        <h2 className="panel-title">Search</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <search className="search-form">
        <label className="search">
          <span className="for-readers">Search messages</span>
          <Icon name="search" size={18} />
          <input
            ref={field}
            className="input"
            type="search"
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder="Words or &quot;a phrase&quot;"
            maxLength={LIMITS.searchQuery}
            autoComplete="off"
          />
        </label>
        <fieldset className="search-places">
          <legend className="for-readers">Where</legend>
          {[false, true].map((everywhere) => (
            <label key={String(everywhere)} className="search-place">
              <input
                type="radio"
                name="search-place"
                checked={isEverywhere === everywhere}
                onChange={() => setEverywhere(everywhere)}
              />
              {everywhere ? 'Everywhere' : 'This room'}
            </label>
          ))}
        </fieldset>
      </search>
      <div className="panel-scroll">
        {query === '' ? (
          <p className="panel-says">
            Finds messages in {isEverywhere ? 'all your rooms' : <bdi>{title}</bdi>} that contain all the words.
          </p>
        ) : (
          <Hits query={query} roomId={isEverywhere ? undefined : room.id} />
        )}
      </div>
    </aside>
  )
}

function Hits({ query, roomId }: { query: string; roomId: string | undefined }) {
  const queries = useChatQueries()
  const { visit } = useSession()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    queries.search(query, roomId),
  )
  const hits = data?.pages.flatMap(({ items }) => items) ?? []

  const show = ({ message }: SearchHit) => {
    visit.set(toVisit(message))
    showRoom(message.roomId)
  }

  return (
    <>
      <output className="panel-note">
        {isPending
          ? 'Searching…'
          : error
            ? ''
            : hits.length === 0
              ? 'No results.'
              : `${hits.length}${hasNextPage ? '+' : ''} found`}
      </output>
      {error && (
        <p className="fault" role="alert">
          {errorSentence(error)}
        </p>
      )}
      <ul className="hits" aria-label="Search results">
        {hits.map((hit) => (
          <li key={hit.message.id}>
            <Hit hit={hit} hasRoom={roomId === undefined} onShow={() => show(hit)} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <button
          type="button"
          className="button button-small"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Show more
        </button>
      )}
    </>
  )
}

function Hit({ hit, hasRoom, onShow }: { hit: SearchHit; hasRoom: boolean; onShow: () => void }) {
  const { viewer, inbox } = useChat()
  const { message, snippet } = hit
  const room = hasRoom ? inbox.entryOf(message.roomId)?.room : undefined
  return (
    <button type="button" className="hit" onClick={onShow}>
      <span className="hit-head">
        <bdi className="hit-sender">{message.sender.name}</bdi>
        <time className="hit-time" dateTime={message.createdAt.toISOString()} title={fullTime(message.createdAt)}>
          {listTime(message.createdAt)}
        </time>
      </span>
      {(room || message.threadId) && (
        <span className="hit-place">
          {room && <bdi>{roomTitle(room, [], viewer.id)}</bdi>}
          {message.threadId && ' in a thread'}
        </span>
      )}
      <span className="hit-text" dir="auto">
        <MarkedSnippet {...snippet} />
      </span>
    </button>
  )
}
