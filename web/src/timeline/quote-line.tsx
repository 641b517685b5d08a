import { useQuery } from '@tanstack/react-query'
import { useChatQueries } from '../../../client/react/react-entry.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { Icon } from '../ui/icons.tsx'

interface QuoteLineProps {
  roomId: string
  messageId: string
  isReachable: boolean
  onGo: (messageId: string) => void
}

/** The quoted message in its current state. A click goes there. */
export function QuoteLine({ roomId, messageId, isReachable, onGo }: QuoteLineProps) {
  const queries = useChatQueries()
  const { data: message, isError } = useQuery(queries.message(roomId, messageId))
  return (
    <button
      type="button"
      className="quote-line"
      tabIndex={isReachable ? 0 : -1}
      disabled={!message}
      onClick={() => onGo(messageId)}
    >
      <Icon name="reply" size={14} />
      {message ? (
        <>
          <bdi className="quote-sender">{message.sender.name}</bdi>
          <bdi className="quote-words">{message.deletedAt ? 'Message deleted' : firstWords(message.content)}</bdi>
        </>
      ) : (
        <span className="quote-words">{isError ? 'This message is no longer available' : '…'}</span>
      )}
    </button>
  )
}
