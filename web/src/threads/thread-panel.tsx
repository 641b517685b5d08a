import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { editing, type NewMentions, type OpenThread } from '../../../client/client-entry.ts'
import { type LiveThread, useChat, useChatQueries, useThread } from '../../../client/react/react-entry.ts'
import type { Room } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { Composer } from '../timeline/composer.tsx'
import type { MessageRights } from '../timeline/message-acts.ts'
import { MessageRow } from '../timeline/message-row.tsx'
import { DayLine } from '../timeline/timeline-lines.tsx'
import { type Entry, EntryMaker, toRows } from '../timeline/timeline-rows.ts'
import type { MentionScope } from '../timeline/use-mention-completion.ts'
import { useMessageActs } from '../timeline/use-message-acts.tsx'
import { usePresentViewer } from '../timeline/use-present-viewer.ts'
import { useRowFocus } from '../timeline/use-row-focus.ts'
import { useStickToEnd } from '../timeline/use-stick-to-end.ts'
import { useTakeBack } from '../timeline/use-take-back.ts'
import { failureSentence } from '../ui/error-sentence.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { useEscape } from '../ui/use-escape.ts'
import { useFollow } from './use-follow.ts'
import { useSoughtReply } from './use-sought-reply.ts'

interface ThreadPanelProps {
  room: Room
  threadId: string
  /** The reply to show; a new object for each request. */
  sought: { replyId?: string }
  rights: MessageRights
  mentions: MentionScope
  closedBecause: string
  slowUntil: number
  onClose: () => void
}

/** A message and the replies to it, beside the timeline. */
export function ThreadPanel(props: ThreadPanelProps) {
  const { room, threadId, onClose } = props
  const thread = useThread(room.id, threadId)
  const { isFollowed, follow } = useFollow(room.id, threadId)
  useEscape(onClose)

  return (
    <aside className="panel thread-panel" id="side-panel" aria-label="Thread" tabIndex={-1}>
      <header className="panel-head">
        <h2 className="panel-title">Thread</h2>
        {isFollowed !== undefined && (
          <button
            type="button"
            className="button button-small"
            aria-pressed={isFollowed}
            title={isFollowed ? 'New replies show up in Threads' : 'Show new replies in Threads'}
            onClick={() => void follow(!isFollowed)}
          >
            {isFollowed ? 'Following' : 'Follow'}
          </button>
        )}
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      {thread.phase === 'open' && <Replies {...props} thread={thread} />}
      {thread.phase === 'loading' && <output className="room-waiting">Loading replies…</output>}
      {thread.phase === 'failed' && (
        <div className="panel-scroll" role="alert">
          <p className="panel-says">{failureSentence(thread.failure)}</p>
          <button type="button" className="button button-small" onClick={thread.reload}>
            Try again
          </button>
        </div>
      )}
    </aside>
  )
}

function Replies({ thread, ...props }: ThreadPanelProps & { thread: LiveThread & OpenThread }) {
  const { room, threadId, sought, rights, mentions, closedBecause, slowUntil } = props
  const { client, viewer } = useChat()
  const { visit } = useSession()
  const { root, older, loadOlder, change } = thread
  const entries = useThreadEntries(room.id, thread)
  const rows = useMemo(() => toRows(entries, Number.POSITIVE_INFINITY, viewer.id), [entries, viewer.id])
  const [editedId, setEditedId] = useState<string>()
  const [quoted, setQuoted] = useState<Entry>()
  const edited = thread.replies.find(({ id, deletedAt }) => id === editedId && !deletedAt)
  const { scroller, content, isAtEnd, onScroll, toRow } = useStickToEnd({
    onNearTop: useCallback(() => void (older === 'more' && loadOlder()), [older, loadOlder]),
    onNearBottom: ignore,
    isDetached: false,
  })
  const { reachableKey, pointedKey, handlers } = useRowFocus(entries)
  useThreadReading(thread, isAtEnd)
  const markedId = useSoughtReply({ sought, thread, scroller, toRow })

  const takeBack = useTakeBack({
    place: `${room.id} ${threadId}`,
    messages: thread.replies,
    quote: (answered) => {
      setEditedId(undefined)
      if (answered) setQuoted(answered)
    },
  })

  const { acts, dialogs } = useMessageActs(room, {
    change,
    takeBack,
    edit: useCallback(({ message }: Entry) => setEditedId(message?.id), []),
    reply: setQuoted,
    openThread: ignore,
    goTo: useCallback(
      (messageId: string) => {
        const row = scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(messageId)}"]`)
        if (row) row.focus()
        else visit.set({ roomId: room.id, messageId, threadId })
      },
      [scroller, visit, room.id, threadId],
    ),
  })
  const edit = (messageId: string, text: string, to: NewMentions) =>
    change(editing(client, { roomId: room.id, messageId }, text, to))
  const editLast = () =>
    setEditedId(thread.replies.findLast(({ senderId, deletedAt }) => senderId === viewer.id && !deletedAt)?.id)

  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus between the rows inside */}
      <div className="timeline-scroll thread-scroll" ref={scroller} onScroll={onScroll} {...handlers}>
        <div className="thread-content" ref={content} role="log" aria-live="polite" aria-label="Replies">
          {older === 'loading' && <p className="older-notice">Loading earlier replies…</p>}
          {older === 'failed' && (
            <p className="older-notice">
              <button type="button" className="link-button" onClick={() => void loadOlder()}>
                Try again
              </button>
            </p>
          )}
          {rows.map((row) => {
            if (row.type === 'day') return <DayLine key={row.key} at={row.at} />
            if (row.type !== 'message') return null
            const { entry, key } = row
            return (
              <MessageRow
                key={key}
                entry={entry}
                roomId={room.id}
                startsGroup={row.startsGroup || entry.message?.id === root.id}
                isOwn={entry.sender.id === viewer.id}
                rights={rights}
                seen=""
                isEdited={edited !== undefined && entry.message?.id === edited.id}
                isSought={markedId !== undefined && entry.message?.id === markedId}
                isReachable={key === reachableKey}
                isPointed={key === pointedKey}
                isInThread
                acts={acts}
              />
            )
          })}
        </div>
      </div>
      <footer className="thread-foot">
        <Composer
          roomId={room.id}
          threadId={threadId}
          label="Reply in this thread"
          closedBecause={closedBecause}
          slowUntil={slowUntil}
          edited={edited}
          edit={edit}
          quoted={quoted}
          mentions={mentions}
          onQuoteEnd={() => setQuoted(undefined)}
          onEditLast={editLast}
          onEditEnd={(messageId) => setEditedId((current) => (current === messageId ? undefined : current))}
        />
      </footer>
      {dialogs}
    </>
  )
}

const ignore = () => undefined

function useThreadEntries(roomId: string, { root, replies, waiting }: LiveThread & OpenThread): readonly Entry[] {
  const { viewer } = useChat()
  const queries = useChatQueries()
  const { data: hidden } = useQuery(queries.hidden(roomId))
  const [maker] = useState(() => new EntryMaker())
  return useMemo(() => {
    const shown = replies.filter(({ id }) => !hidden?.includes(id))
    return maker.entries([root, ...shown], waiting, viewer)
  }, [maker, root, replies, waiting, hidden, viewer])
}

/** A viewer at the end of the thread has read it. */
function useThreadReading({ root, replies }: OpenThread, isAtEnd: boolean) {
  const { client } = useChat()
  const isReading = usePresentViewer() && isAtEnd
  const { roomId, id: threadId } = root
  const seq = replies.at(-1)?.seq
  useEffect(() => {
    // If the connection is lost, the next reply or visit reports it.
    if (isReading && seq) client.thread.read.mutate({ roomId, threadId, seq }).catch(() => undefined)
  }, [client, isReading, roomId, threadId, seq])
}
