import { type CSSProperties, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useInbox, useStore, useViewer } from '../../../client/react/react-entry.ts'
import { Later } from '../later/later.tsx'
import { useSession } from '../session/session-context.ts'
import { failureSentence } from '../ui/error-sentence.ts'
import type { Anchor } from '../ui/use-popup.ts'
import { useWindowedRows } from '../ui/use-windowed-rows.ts'
import { FirstSteps, type Start } from './first-steps.tsx'
import { namedLike } from './named-like.ts'
import { RoomFilter } from './room-filter.tsx'
import { RoomItem } from './room-item.tsx'
import { RoomMenu } from './room-menu.tsx'
import { useAllRooms } from './use-all-rooms.ts'

const NEAR_THE_END_PX = 200
/** Below this number, the rooms are seen at a glance. */
const FILTERED_FROM = 10
/** Keys that move between rooms, and by how far. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

interface RoomListProps {
  openRoomId: string | undefined
  onStart: (start: Start) => void
}

/** The viewer's rooms. Tab reaches one of them, arrow keys move to the others. Only rooms near the visible part are drawn. */
export function RoomList({ openRoomId, onStart }: RoomListProps) {
  const { reading, toasts } = useSession()
  const viewer = useViewer()
  const readRoomId = useStore(reading)
  const rooms = useInbox()
  const { phase, failure, entries, nextCursor } = rooms
  const [typed, setTyped] = useState('')
  useAllRooms(typed.trim() !== '')

  const shown = useMemo(() => namedLike(entries, typed, viewer.id), [entries, typed, viewer.id])
  const ids = useMemo(() => shown.map(({ room }) => room.id), [shown])
  const { scroller, list, first, end, onScroll, reveal } = useWindowedRows(ids, typed)
  const counts = useMemo(() => new Map(rooms.inbox.rooms.map((room) => [room.roomId, room])), [rooms.inbox.rooms])
  const loadMore = () => void rooms.loadMore().catch((error: unknown) => toasts.fault(error))

  const [focusedId, setFocusedId] = useState<string>()
  // Coming back from a room puts the focus on its line.
  const [lastOpenId, setLastOpenId] = useState(openRoomId)
  if (openRoomId !== lastOpenId) {
    setLastOpenId(openRoomId)
    if (openRoomId) setFocusedId(openRoomId)
  }
  const [menu, setMenu] = useState<{ roomId: string; anchor: Anchor }>()
  const [leaving, setLeaving] = useState<{ roomId: string; title: string }>()
  const reachable = [focusedId, openRoomId].map((id) => ids.indexOf(id ?? '')).find((index) => index >= 0) ?? 0
  const drawn = [...new Set([reachable, ...range(first, Math.min(end, ids.length))])].toSorted((a, b) => a - b)

  const latest = useRef({ ids, openRoomId })
  useLayoutEffect(() => {
    latest.current = { ids, openRoomId }
  })
  useEffect(() => reveal(latest.current.ids.indexOf(openRoomId ?? '')), [reveal, openRoomId])

  const focus = useCallback(
    (roomId: string) => {
      // The row may not be drawn yet.
      flushSync(() => setFocusedId(roomId))
      reveal(latest.current.ids.indexOf(roomId))
      list.current?.querySelector<HTMLElement>(`[data-room="${roomId}"]`)?.focus({ preventScroll: true })
    },
    [list, reveal],
  )
  const move = useCallback(
    (roomId: string, key: string) => {
      const step = STEPS[key]
      if (step === undefined) return false
      const { ids: now } = latest.current
      const next = now[Math.max(0, Math.min(now.indexOf(roomId) + step, now.length - 1))]
      if (next) focus(next)
      return true
    },
    [focus],
  )
  const openMenu = useCallback((roomId: string, anchor: Anchor) => setMenu({ roomId, anchor }), [])
  const closeMenu = useCallback(() => setMenu(undefined), [])

  return (
    <>
      {(entries.length > FILTERED_FROM || nextCursor || typed) && (
        <RoomFilter typed={typed} onType={setTyped} onDown={() => ids[0] && focus(ids[0])} />
      )}
      <div
        className="sidebar-rooms"
        ref={scroller}
        onScroll={({ currentTarget: box }) => {
          onScroll()
          if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_THE_END_PX) loadMore()
        }}
        aria-busy={phase === 'loading'}
      >
        {failure && (
          <div className="sidebar-note" role="alert">
            <p>{failureSentence(failure)}</p>
            <button type="button" className="button button-small" onClick={() => void rooms.refresh()}>
              Try again
            </button>
          </div>
        )}
        {phase === 'loading' && entries.length === 0 && <Placeholders />}
        {phase === 'ready' && entries.length === 0 && (
          <>
            <p className="sidebar-note when-wide">No conversations yet.</p>
            <div className="when-narrow">
              <FirstSteps onStart={onStart} />
            </div>
          </>
        )}
        <output className="sidebar-note sidebar-found">
          {typed.trim() &&
            ids.length === 0 &&
            (nextCursor ? 'Searching…' : `No conversation matches “${typed.trim()}”.`)}
        </output>
        <ul ref={list} className="room-items" style={asRows(ids.length)}>
          {drawn.map((index) => {
            const entry = shown[index]
            if (!entry) return null
            const { id } = entry.room
            const count = id === readRoomId ? undefined : counts.get(id)
            return (
              <RoomItem
                key={id}
                entry={entry}
                index={index}
                setSize={nextCursor ? -1 : ids.length}
                unread={count?.unread ?? 0}
                mentions={count?.mentions ?? 0}
                isOpen={id === openRoomId}
                isReachable={index === reachable}
                onFocus={setFocusedId}
                onMove={move}
                onMenu={openMenu}
              />
            )
          })}
        </ul>
        {nextCursor && !typed.trim() && (
          <button type="button" className="button button-small sidebar-more" onClick={loadMore}>
            Show more
          </button>
        )}
      </div>
      {menu && (
        <RoomMenu
          key={menu.roomId}
          {...menu}
          onLeave={(roomId, title) => setLeaving({ roomId, title })}
          onClose={closeMenu}
        />
      )}
      {leaving && (
        <Later onFail={() => setLeaving(undefined)}>
          {({ LeaveDialog }) => <LeaveDialog {...leaving} onClose={() => setLeaving(undefined)} />}
        </Later>
      )}
    </>
  )
}

const range = (from: number, end: number) => Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index)

const asRows = (count: number): CSSProperties => ({ height: `calc(${count} * var(--row-height))` })

const Placeholders = () => (
  <div className="placeholders" aria-hidden="true">
    {[70, 45, 60, 38].map((width) => (
      <div key={width} className="placeholder">
        <span className="placeholder-face" />
        <span className="placeholder-lines">
          <span style={{ width: `${width}%` }} />
          <span style={{ width: `${width + 20}%` }} />
        </span>
      </div>
    ))}
  </div>
)
