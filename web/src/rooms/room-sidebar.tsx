import { type RefObject, type UIEvent, useEffect, useRef } from 'react'
import { useInbox, useStore, useViewer } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { BrandMark } from '../ui/brand-mark.tsx'
import { failureSentence } from '../ui/error-sentence.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'
import type { ThemeChoice } from '../ui/theme.ts'
import { ThemeButton } from '../ui/theme-button.tsx'
import { FirstSteps, type Start } from './first-steps.tsx'
import { RoomItem } from './room-item.tsx'
import { ThreadsButton } from './threads-button.tsx'

const NEAR_THE_END_PX = 200

interface RoomSidebarProps {
  openRoomId: string | undefined
  themes: ThemeChoice
  onStart: (start: Start) => void
  onPreferences: () => void
  onSignOut: () => void
}

/** The viewer's rooms, latest activity first, and what can be started from here. */
export function RoomSidebar({ openRoomId, themes, onStart, onPreferences, onSignOut }: RoomSidebarProps) {
  const viewer = useViewer()
  const nav = useRef<HTMLElement>(null)
  useFocusAfterLeaving(nav, openRoomId)
  return (
    <nav ref={nav} className="sidebar" aria-label="Conversations">
      <header className="sidebar-head">
        <BrandMark size={30} />
        <h1>Confab</h1>
        <Menu
          label="New conversation"
          className="icon-button icon-button-accent"
          choices={[
            { icon: 'people', text: 'New room', onChoose: () => onStart('room') },
            { icon: 'person', text: 'New message', onChoose: () => onStart('direct') },
            { icon: 'compass', text: 'Browse channels', onChoose: () => onStart('discover') },
            { icon: 'box', text: 'Archived and hidden rooms', onChoose: () => onStart('put-away') },
          ]}
        >
          <Icon name="plus" />
        </Menu>
      </header>
      <ThreadsButton />
      <Rooms openRoomId={openRoomId} onStart={onStart} />
      <footer className="sidebar-foot">
        <Avatar id={viewer.id} name={viewer.name} pictureUrl={viewer.pictureUrl} size={34} />
        <span className="sidebar-viewer">
          <bdi className="sidebar-viewer-name">{viewer.name}</bdi>
          {viewer.id !== viewer.name && <span className="sidebar-viewer-id">{viewer.id}</span>}
        </span>
        <IconButton icon="sliders" label="Your preferences" onClick={onPreferences} />
        <ThemeButton themes={themes} />
        <IconButton icon="leave" label="Sign out" onClick={onSignOut} />
      </footer>
    </nav>
  )
}

function Rooms({ openRoomId, onStart }: Pick<RoomSidebarProps, 'openRoomId' | 'onStart'>) {
  const { reading, toasts } = useSession()
  const readRoomId = useStore(reading)
  const rooms = useInbox()
  const { phase, failure, entries, nextCursor } = rooms
  const counts = new Map(rooms.inbox.rooms.map((room) => [room.roomId, room]))
  counts.delete(readRoomId ?? '')
  const loadMore = () => void rooms.loadMore().catch((error: unknown) => toasts.fault(error))

  const onScroll = ({ currentTarget: list }: UIEvent<HTMLElement>) => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END_PX) loadMore()
  }

  return (
    <div className="sidebar-rooms" onScroll={onScroll} aria-busy={phase === 'loading'}>
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
      <ul className="room-items">
        {entries.map((entry) => (
          <RoomItem
            key={entry.room.id}
            entry={entry}
            unread={counts.get(entry.room.id)?.unread ?? 0}
            mentions={counts.get(entry.room.id)?.mentions ?? 0}
            isOpen={entry.room.id === openRoomId}
          />
        ))}
      </ul>
      {nextCursor && (
        <button type="button" className="button button-small sidebar-more" onClick={loadMore}>
          Show more
        </button>
      )}
    </div>
  )
}

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

/** Whoever leaves a room stands on it in the list, unless the focus is somewhere already. */
function useFocusAfterLeaving(nav: RefObject<HTMLElement | null>, openRoomId: string | undefined) {
  const lastRoomId = useRef(openRoomId)
  useEffect(() => {
    const left = openRoomId === undefined ? lastRoomId.current : undefined
    lastRoomId.current = openRoomId
    if (!left || (document.activeElement && document.activeElement !== document.body)) return
    nav.current?.querySelector<HTMLElement>(`[data-room="${left}"]`)?.focus()
  }, [nav, openRoomId])
}
