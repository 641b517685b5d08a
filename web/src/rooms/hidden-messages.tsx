import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useChatQueries } from '../../../client/react/react-entry.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { useHiding } from '../timeline/use-hiding.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { listTime } from '../ui/times.ts'
import { useAttempt } from '../ui/use-attempt.ts'

/** Each is fetched by itself. */
const SHOWN_AT_ONCE = 10

/** The messages of a room that the viewer has hidden, and the way back for each. */
export function HiddenMessages({ roomId }: { roomId: string }) {
  const queries = useChatQueries()
  const { data: ids, error } = useQuery(queries.hidden(roomId))
  const [shown, setShown] = useState(SHOWN_AT_ONCE)
  const setHidden = useHiding(roomId)
  const { fault, attempt } = useAttempt()
  const section = useRef<HTMLElement>(null)

  const bringBack = async (messageId: string) => {
    // The button goes with its line.
    if (await attempt(() => setHidden(messageId, false))) section.current?.focus()
  }

  return (
    <section ref={section} className="hidden-messages" aria-label="Hidden messages" tabIndex={-1}>
      <h3 className="field-label">Hidden messages</h3>
      {ids?.length === 0 && <p className="field-says">You haven’t hidden any messages here.</p>}
      <ul>
        {ids?.slice(0, shown).map((messageId) => (
          <HiddenMessage
            key={messageId}
            roomId={roomId}
            messageId={messageId}
            onShow={() => void bringBack(messageId)}
          />
        ))}
      </ul>
      {ids && ids.length > shown && (
        <button
          type="button"
          className="button button-small"
          onClick={() => setShown((count) => count + SHOWN_AT_ONCE)}
        >
          Show more
        </button>
      )}
      <FaultLine fault={error ? errorSentence(error) : fault} />
    </section>
  )
}

interface HiddenMessageProps {
  roomId: string
  messageId: string
  onShow: () => void
}

function HiddenMessage({ roomId, messageId, onShow }: HiddenMessageProps) {
  const queries = useChatQueries()
  const { data: message, isError } = useQuery(queries.message(roomId, messageId))
  const sender = message?.sender.name
  return (
    <li className="hidden-message">
      <span className="hidden-message-text">
        {message && (
          <span className="hit-head">
            <bdi className="hit-sender">{sender}</bdi>
            <span className="hit-time">{listTime(message.createdAt)}</span>
          </span>
        )}
        <bdi className="quote-words">
          {message?.deletedAt ? 'Message deleted' : message ? firstWords(message.content) : isError ? 'Message' : '…'}
        </bdi>
      </span>
      <button
        type="button"
        className="button button-small"
        aria-label={sender ? `Show ${sender}’s message again` : 'Show this message again'}
        onClick={onShow}
      >
        Show again
      </button>
    </li>
  )
}
