import { useQuery } from '@tanstack/react-query'
import { useCallback, useLayoutEffect, useMemo, useRef } from 'react'
import { useChatQueries, useMessages, useViewer } from '../../../client/react/react-entry.ts'
import type { Room } from '../../../shared/index.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { ChangeLine } from './change-line.tsx'
import { JumpButton } from './jump-button.tsx'
import type { MessageActs, MessageRights } from './message-acts.ts'
import { MessageRow } from './message-row.tsx'
import type { RoomChange } from './timeline-change.ts'
import { DayLine, NewerNotice, NewLine, OlderNotice } from './timeline-lines.tsx'
import { beginsUnread } from './timeline-rows.ts'
import { UnreadButton } from './unread-button.tsx'
import { useFirstUnread } from './use-first-unread.ts'
import { useReading } from './use-reading.ts'
import { useRowFocus } from './use-row-focus.ts'
import { useSeen } from './use-seen.ts'
import { useStickToEnd } from './use-stick-to-end.ts'
import { useTimelineRows } from './use-timeline-rows.ts'
import { useVisit } from './use-visit.ts'

interface TimelineProps {
  room: Room
  /** What else happened to it. */
  changes: readonly RoomChange[]
  /** How far the viewer had read when the room was opened. */
  readSeq: number
  title: string
  rights: MessageRights
  /** The message that the composer holds for editing. */
  editedId: string | undefined
  acts: MessageActs
}

/** The messages of the open room, oldest first. */
export function Timeline({ room, changes, readSeq, title, rights, editedId, acts }: TimelineProps) {
  const viewer = useViewer()
  const log = useVisibleMessages(room.id)
  const { messages, older, newer, loadOlder, loadNewer, toNewest } = log
  const { entries, rows, lastWrittenAt } = useTimelineRows(log, readSeq, changes)
  const isDetached = newer !== 'none'
  const isUnreadFurtherBack = beginsUnread(entries, readSeq) && older !== 'none'

  const { scroller, content, isAtEnd, onScroll, toEnd, toRow } = useStickToEnd({
    onNearTop: useCallback(() => void (older === 'more' && loadOlder()), [older, loadOlder]),
    onNearBottom: useCallback(() => void (newer === 'more' && loadNewer()), [newer, loadNewer]),
    isDetached,
  })
  useReading(room.id, messages, isAtEnd)
  const seen = useSeen(room.id, entries)
  const { reachableKey, pointedKey, handlers } = useRowFocus(entries)
  const isLoaded = (messageId: string) => messages.some(({ id }) => id === messageId)
  const markedId = useVisit({ roomId: room.id, isLoaded, toRow })
  const { isSeeking, seek } = useFirstUnread(log, readSeq, toRow)

  const jump = useCallback(async () => {
    if (isDetached) await toNewest()
    toEnd()
  }, [isDetached, toNewest, toEnd])

  // One's own new message is always shown.
  const shownWrittenAt = useRef(lastWrittenAt)
  useLayoutEffect(() => {
    if (lastWrittenAt > shownWrittenAt.current) void jump()
    shownWrittenAt.current = Math.max(lastWrittenAt, shownWrittenAt.current)
  }, [lastWrittenAt, jump])

  // More unread than fits: begin where it begins.
  useLayoutEffect(() => {
    const line = scroller.current?.querySelector('.new-line')
    if (line && line.getBoundingClientRect().top < (scroller.current?.getBoundingClientRect().top ?? 0)) {
      line.scrollIntoView({ block: 'start' })
    }
  }, [scroller])

  return (
    <div className="timeline">
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus between the rows inside */}
      <div className="timeline-scroll" ref={scroller} onScroll={onScroll} {...handlers}>
        <div
          className="timeline-content"
          ref={content}
          role="log"
          // Read out is what comes, not what one scrolls or jumps to.
          aria-live={isDetached ? 'off' : 'polite'}
          aria-relevant="additions"
          aria-label={`Messages in ${title}`}
          aria-busy={older === 'loading'}
        >
          <OlderNotice phase={older} room={room} hasMessages={entries.length > 0} onRetry={() => void loadOlder()} />
          {entries.length === 0 && (
            <EmptyState icon="chat" title="No messages yet">
              <p>Write the first one below.</p>
            </EmptyState>
          )}
          {rows.map((row) => {
            if (row.type === 'day') return <DayLine key={row.key} at={row.at} />
            if (row.type === 'new') return <NewLine key={row.key} />
            if (row.type === 'change') return <ChangeLine key={row.key} changes={row.changes} />
            const { entry, key } = row
            return (
              <MessageRow
                key={key}
                entry={entry}
                roomId={room.id}
                startsGroup={row.startsGroup}
                isOwn={entry.sender.id === viewer.id}
                rights={rights}
                seen={seen?.key === key ? seen.words : ''}
                isEdited={editedId !== undefined && entry.message?.id === editedId}
                isSought={markedId !== undefined && entry.message?.id === markedId}
                isReachable={key === reachableKey}
                isPointed={key === pointedKey}
                acts={acts}
              />
            )
          })}
          <NewerNotice phase={newer} onRetry={() => void loadNewer()} />
        </div>
      </div>
      {Number.isFinite(readSeq) && (
        <UnreadButton
          key={String(isUnreadFurtherBack)}
          scroller={scroller}
          isFurtherBack={isUnreadFurtherBack}
          isBusy={isSeeking}
          onJump={seek}
        />
      )}
      {!isAtEnd && <JumpButton messages={messages} viewerId={viewer.id} onJump={() => void jump()} />}
    </div>
  )
}

/** The room's messages without those that the viewer has hidden: the room's log, the same for all, has them still. */
function useVisibleMessages(roomId: string) {
  const log = useMessages(roomId)
  const queries = useChatQueries()
  const { data: hidden } = useQuery(queries.hidden(roomId))
  return useMemo(() => {
    if (!hidden || hidden.length === 0) return log
    const ids = new Set(hidden)
    return { ...log, messages: log.messages.filter(({ id }) => !ids.has(id)) }
  }, [log, hidden])
}
