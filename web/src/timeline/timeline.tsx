import { useQuery } from '@tanstack/react-query'
import { useCallback, useLayoutEffect, useMemo, useRef } from 'react'
import { useChatQueries, useConnection, useMessages, useViewer } from '../../../client/react/react-entry.ts'
import type { Room } from '../../../shared/index.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { useAfterPaint } from '../ui/use-after-paint.ts'
import { JumpButton } from './jump-button.tsx'
import type { MessageActs, MessageRights } from './message-acts.ts'
import { RowPieces } from './row-pieces.tsx'
import type { RoomChange } from './timeline-change.ts'
import { NewerNotice, OlderNotice } from './timeline-lines.tsx'
import { beginsUnread } from './timeline-rows.ts'
import { UnreadButton } from './unread-button.tsx'
import { useFirstUnread } from './use-first-unread.ts'
import { useReading } from './use-reading.ts'
import { moveByArrows, useRowFocus } from './use-row-focus.ts'
import { useRowWindow } from './use-row-window.ts'
import { useSeen } from './use-seen.ts'
import { useStickToEnd } from './use-stick-to-end.ts'
import { useTimelineRows } from './use-timeline-rows.ts'
import type { UnreadLine } from './use-unread-line.ts'
import { useVisit } from './use-visit.ts'

interface TimelineProps {
  room: Room
  /** Other changes of the room. */
  changes: readonly RoomChange[]
  /** False while the room is shown from memory. */
  isCurrent: boolean
  unreadLine: UnreadLine
  title: string
  rights: MessageRights
  /** The message being edited in the composer. */
  editedId: string | undefined
  acts: MessageActs
}

/** The messages of the open room, oldest first. */
export function Timeline({ room, changes, isCurrent, unreadLine, title, rights, editedId, acts }: TimelineProps) {
  const viewer = useViewer()
  const log = useVisibleMessages(room.id)
  const { messages, older, newer, loadOlder, loadNewer, toNewest } = log
  const { readSeq } = unreadLine
  const { entries, rows, lastWrittenAt } = useTimelineRows(log, unreadLine, changes)
  const isDetached = newer !== 'none'
  const isUnreadFurtherBack = beginsUnread(entries, readSeq) && older !== 'none'

  const { reachableKey, pointedKey, handlers } = useRowFocus(entries)
  const rowWindow = useRowWindow(rows, [reachableKey, 'new'])
  const { pieces, list, show, showEnd } = rowWindow
  const { scroller, content, isAtEnd, onScroll, toEnd, toRow } = useStickToEnd({
    onNearTop: useCallback(() => void (older === 'more' && loadOlder()), [older, loadOlder]),
    onNearBottom: useCallback(() => void (newer === 'more' && loadNewer()), [newer, loadNewer]),
    isDetached,
    rowWindow,
  })
  useReading(room.id, messages, isAtEnd)
  const seen = useSeen(room.id, entries)
  // The pending answer may replace what is shown from memory.
  const isAnswered = useConnection().status !== 'open' || isCurrent
  const isLoaded = (messageId: string) => isAnswered && messages.some(({ id }) => id === messageId)
  const toMessage = (messageId: string, onShown: (row: Element) => void) => {
    const key = entries.find(({ message }) => message?.id === messageId)?.key
    if (key === undefined) return
    show(key, (row) => {
      toRow(row)
      onShown(row)
    })
  }
  const markedId = useVisit({ roomId: room.id, isLoaded, toMessage })
  const beginningKey = rows.find(({ type }) => type === 'new')?.key ?? entries[0]?.key
  const { isSeeking, seek } = useFirstUnread(log, readSeq, () => beginningKey && show(beginningKey, toRow))
  const focusRow = (key: string) => {
    show(key, (row) => {
      toRow(row, 'nearest')
      if (row instanceof HTMLElement) row.focus({ preventScroll: true })
    })
  }

  const jump = useCallback(async () => {
    if (isDetached) await toNewest()
    showEnd()
    toEnd()
  }, [isDetached, toNewest, showEnd, toEnd])

  // The viewer's own new message is always scrolled into view.
  const shownWrittenAt = useRef(lastWrittenAt)
  useLayoutEffect(() => {
    if (lastWrittenAt > shownWrittenAt.current) void jump()
    shownWrittenAt.current = Math.max(lastWrittenAt, shownWrittenAt.current)
  }, [lastWrittenAt, jump])

  // More unread messages than fit on the screen: start at the first one.
  useLayoutEffect(() => {
    if (!isCurrent) return
    const line = scroller.current?.querySelector('.new-line')
    if (line && line.getBoundingClientRect().top < (scroller.current?.getBoundingClientRect().top ?? 0)) {
      toRow(line, 'start')
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when the room is opened and the server has said what is in it
  }, [isCurrent])

  // Only new messages are read out, not those that a scroll or a jump shows: rows are in the page before the log is live.
  const isLive = useAfterPaint(isAtEnd && !isDetached && isCurrent)

  return (
    <div className="timeline">
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus between the rows inside */}
      <div
        className="timeline-scroll"
        ref={scroller}
        onScroll={onScroll}
        {...handlers}
        onKeyDown={(event) => moveByArrows(event, entries, focusRow)}
      >
        <div
          className="timeline-content"
          ref={content}
          role="log"
          aria-live={isLive ? 'polite' : 'off'}
          aria-relevant="additions"
          aria-label={`Messages in ${title}`}
          aria-busy={older === 'loading'}
        >
          <OlderNotice phase={older} room={room} hasMessages={entries.length > 0} onRetry={() => void loadOlder()} />
          {entries.length === 0 && (
            <EmptyState icon="chat" title="No messages yet">
              <p>Send the first one below.</p>
            </EmptyState>
          )}
          <RowPieces
            {...{ rows, pieces, list, seen, rights, editedId, markedId, reachableKey, pointedKey, acts }}
            roomId={room.id}
          />
          <NewerNotice phase={newer} onRetry={() => void loadNewer()} />
        </div>
      </div>
      {Number.isFinite(readSeq) && (
        <UnreadButton
          key={`${readSeq} ${isUnreadFurtherBack}`}
          scroller={scroller}
          isFurtherBack={isUnreadFurtherBack}
          isBusy={isSeeking}
          onJump={seek}
        />
      )}
      {!isAtEnd && (
        <JumpButton
          scroller={scroller}
          messages={messages}
          lastOrdinal={room.lastOrdinal}
          viewerId={viewer.id}
          onJump={() => void jump()}
        />
      )}
    </div>
  )
}

/**
 * The room's messages without those that the viewer has hidden. The room's log, which is the same for all, still contains them.
 */
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
