import { type KeyboardEvent, useCallback, useLayoutEffect, useRef, useState } from 'react'
import type { RoomState } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { JumpButton } from './jump-button.tsx'
import { type MessageActs, MessageRow } from './message-row.tsx'
import type { OlderPhase } from './older-messages.ts'
import type { OpenRoom } from './open-room.ts'
import { DayLine, NewLine, OlderNotice } from './timeline-lines.tsx'
import { useReading } from './use-reading.ts'
import { useStickToEnd } from './use-stick-to-end.ts'
import { useTimelineRows } from './use-timeline-rows.ts'

interface TimelineProps {
  open: OpenRoom
  state: RoomState
  older: OlderPhase
  title: string
  canDeleteAny: boolean
  /** The message that the composer holds for editing. */
  editedId: string | undefined
  acts: MessageActs
}

/** The messages of the open room, oldest first. */
export function Timeline({ open, state, older, title, canDeleteAny, editedId, acts }: TimelineProps) {
  const { viewer } = useSession()
  const { messages, room } = state
  const { entries, rows, lastWrittenAt } = useTimelineRows(open, state)

  const loadOlder = useCallback(() => {
    const shown = open.log.state.get()
    if (shown.phase === 'open' && shown.older === 'more') void open.log.loadOlder()
  }, [open])
  const { scroller, content, isAtEnd, onScroll, toEnd } = useStickToEnd(loadOlder)
  useReading(open, messages, isAtEnd)

  // One's own new message is always shown.
  const shownWrittenAt = useRef(lastWrittenAt)
  useLayoutEffect(() => {
    if (lastWrittenAt > shownWrittenAt.current) toEnd()
    shownWrittenAt.current = Math.max(lastWrittenAt, shownWrittenAt.current)
  }, [lastWrittenAt, toEnd])

  // More unread than fits: begin where it begins.
  useLayoutEffect(() => {
    const line = scroller.current?.querySelector('.new-line')
    if (line && line.getBoundingClientRect().top < (scroller.current?.getBoundingClientRect().top ?? 0)) {
      line.scrollIntoView({ block: 'start' })
    }
  }, [scroller])

  const [reachableKey, setReachableKey] = useState<string>()
  const reachable = entries.some(({ key }) => key === reachableKey) ? reachableKey : entries.at(-1)?.key

  return (
    <div className="timeline">
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus between the rows inside */}
      <div
        className="timeline-scroll"
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={moveByArrows}
        onFocus={({ target }) => setReachableKey(target.closest<HTMLElement>('[data-row]')?.dataset.row)}
      >
        <div
          className="timeline-content"
          ref={content}
          role="log"
          aria-live="polite"
          aria-relevant="additions"
          aria-label={`Messages in ${title}`}
          aria-busy={older === 'loading'}
        >
          <OlderNotice
            phase={older}
            room={room}
            hasMessages={entries.length > 0}
            onRetry={() => void open.log.loadOlder()}
          />
          {entries.length === 0 && (
            <EmptyState icon="chat" title="No messages yet">
              <p>Write the first one below.</p>
            </EmptyState>
          )}
          {rows.map((row) => {
            if (row.type === 'day') return <DayLine key={row.key} at={row.at} />
            if (row.type === 'new') return <NewLine key={row.key} />
            const isOwn = row.entry.sender.id === viewer.id
            return (
              <MessageRow
                key={row.key}
                entry={row.entry}
                startsGroup={row.startsGroup}
                isOwn={isOwn}
                canDelete={isOwn || canDeleteAny}
                showsSent={isOwn && row.entry === entries.at(-1)}
                isEdited={editedId !== undefined && row.entry.message?.id === editedId}
                isReachable={row.key === reachable}
                acts={acts}
              />
            )
          })}
        </div>
      </div>
      {!isAtEnd && <JumpButton messages={messages} viewerId={viewer.id} onJump={toEnd} />}
    </div>
  )
}

/** Up, down, Home and End move from message to message. */
function moveByArrows(event: KeyboardEvent<HTMLElement>) {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const current = rows.findIndex((row) => row.contains(document.activeElement))
  if (current < 0) return
  const target = { ArrowUp: current - 1, ArrowDown: current + 1, Home: 0, End: rows.length - 1 }[event.key]
  if (target === undefined) return
  event.preventDefault()
  rows[target]?.focus()
}
