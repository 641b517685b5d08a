import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useChat, useChatQueries } from '../../../client/react/react-entry.ts'
import type { Message, Room } from '../../../shared/index.ts'
import { firstWords } from '../markdown/plain-text.ts'
import { useSession } from '../session/session-context.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { listTime } from '../ui/times.ts'
import { useEscape } from '../ui/use-escape.ts'
import type { MessageActs } from './message-acts.ts'

interface PinnedPanelProps {
  room: Room
  acts: MessageActs
  mayUnpin: boolean
  onClose: () => void
}

/** The pinned messages of the room, the latest first. */
export function PinnedPanel({ room, acts, mayUnpin, onClose }: PinnedPanelProps) {
  const { client } = useChat()
  const { toasts } = useSession()
  const queries = useChatQueries()
  const { data, error, isPending, refetch } = useInfiniteQuery(queries.pinned(room.id))
  const messages = data?.pages.flatMap(({ items }) => items) ?? []
  const panel = useRef<HTMLElement>(null)
  useEffect(() => panel.current?.focus(), [])
  useEscape(onClose)

  const unpin = async ({ id }: Message) => {
    try {
      await client.message.unpin.mutate({ roomId: room.id, messageId: id })
      await refetch()
    } catch (fault) {
      toasts.fault(fault)
    }
  }

  return (
    <aside ref={panel} className="panel" id="side-panel" aria-label="Pinned messages" tabIndex={-1}>
      <header className="panel-head">
        <h2 className="panel-title">Pinned messages</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <div className="panel-scroll" aria-busy={isPending}>
        <ul className="hits">
          {messages.map((message) => (
            <li key={message.id} className="pinned-item">
              <button type="button" className="hit" onClick={() => acts.goTo(message.threadId ?? message.id)}>
                <span className="hit-head">
                  <bdi className="hit-sender">{message.sender.name}</bdi>
                  <span className="hit-time">{listTime(message.createdAt)}</span>
                </span>
                <span className="hit-text" dir="auto">
                  {firstWords(message.content)}
                </span>
              </button>
              {mayUnpin && (
                <IconButton
                  icon="close"
                  className="icon-button-small"
                  label={`Unpin ${message.sender.name}’s message`}
                  size={16}
                  onClick={() => void unpin(message)}
                />
              )}
            </li>
          ))}
        </ul>
        {error && (
          <p className="fault" role="alert">
            {errorSentence(error)}
          </p>
        )}
        {!isPending && messages.length === 0 && !error && <p className="panel-says">No pinned messages yet.</p>}
      </div>
    </aside>
  )
}
