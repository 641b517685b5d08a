import { useInfiniteQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { useChat, useChatQueries, useMessages } from '../../../client/react/react-entry.ts'
import type { HiddenMessage, Message } from '../../../shared/index.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { useHiding } from '../timeline/use-hiding.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { listTime } from '../ui/times.ts'
import { useAttempt } from '../ui/use-attempt.ts'

const PAGE = 20

/** The messages of a room that the viewer has hidden, each with a button to unhide it. */
export function HiddenMessages({ roomId }: { roomId: string }) {
  const { client } = useChat()
  const queries = useChatQueries()
  const { data, error, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    // Refreshes that mark the ids as stale mark this as stale too.
    queryKey: [...queries.hidden(roomId).queryKey, 'pages'],
    queryFn: ({ pageParam, signal }) =>
      client.message.hidden.query({ roomId, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    staleTime: 0,
  })
  // The server does not return messages that the viewer has hidden. The room's log, the same for all, may have them loaded.
  const { messages } = useMessages(roomId)
  const setHidden = useHiding(roomId)
  const { fault, attempt } = useAttempt()
  const section = useRef<HTMLElement>(null)
  const hidden = data?.pages.flatMap(({ items }) => items)

  const bringBack = async (messageId: string) => {
    const isBack = await attempt(async () => {
      await setHidden(messageId, false)
      await refetch()
    })
    // The button was removed together with its line.
    if (isBack) section.current?.focus()
  }

  return (
    <section ref={section} className="hidden-messages" aria-label="Hidden messages" tabIndex={-1}>
      <h3 className="field-label">Hidden messages</h3>
      {hidden?.length === 0 && <p className="field-says">You haven’t hidden any messages here.</p>}
      <ul>
        {hidden?.map((each) => (
          <HiddenLine
            key={each.messageId}
            hidden={each}
            message={messages.find(({ id }) => id === each.messageId)}
            onShow={() => void bringBack(each.messageId)}
          />
        ))}
      </ul>
      {hasNextPage && (
        <button type="button" className="button button-small" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
      <FaultLine fault={error ? errorSentence(error) : fault} />
    </section>
  )
}

interface HiddenLineProps {
  hidden: HiddenMessage
  /** Undefined if the message is not loaded. */
  message: Message | undefined
  onShow: () => void
}

function HiddenLine({ hidden, message, onShow }: HiddenLineProps) {
  return (
    <li className="hidden-message">
      <span className="hidden-message-text">
        <span className="hit-head">
          {message && <bdi className="hit-sender">{message.sender.name}</bdi>}
          <span className="hit-time">hidden {listTime(hidden.hiddenAt)}</span>
        </span>
        <bdi className="quote-words">{wordsOf(message)}</bdi>
      </span>
      <button
        type="button"
        className="button button-small"
        aria-label={message ? `Unhide ${message.sender.name}’s message` : 'Unhide this message'}
        onClick={onShow}
      >
        Unhide
      </button>
    </li>
  )
}

function wordsOf(message: Message | undefined): string {
  if (!message) return 'An older message'
  return message.deletedAt ? 'Message deleted' : firstWords(message.content)
}
