import { type RefObject, useEffect, useRef } from 'react'
import { useViewer } from '../../../client/react/react-entry.ts'
import { Avatar } from '../ui/avatar.tsx'
import { BrandMark } from '../ui/brand-mark.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'
import type { ThemeChoice } from '../ui/theme.ts'
import { ThemeButton } from '../ui/theme-button.tsx'
import type { Start } from './first-steps.tsx'
import { RoomList } from './room-list.tsx'
import { ThreadsButton } from './threads-button.tsx'

interface RoomSidebarProps {
  openRoomId: string | undefined
  themes: ThemeChoice
  onStart: (start: Start) => void
  onSwitch: () => void
  onPreferences: () => void
  onSignOut: () => void
}

/** The viewer's rooms, latest activity first, and the menu for new conversations. */
export function RoomSidebar({ openRoomId, themes, onStart, onSwitch, onPreferences, onSignOut }: RoomSidebarProps) {
  const viewer = useViewer()
  const nav = useRef<HTMLElement>(null)
  useFocusAfterLeaving(nav, openRoomId)
  return (
    <nav ref={nav} className="sidebar" aria-label="Conversations">
      <header className="sidebar-head">
        <BrandMark size={30} />
        <p className="sidebar-title">Confab</p>
        <IconButton icon="jump" label="Jump to a conversation" aria-keyshortcuts="Control+K" onClick={onSwitch} />
        <Menu
          label="New conversation"
          className="icon-button icon-button-accent"
          choices={[
            { icon: 'people', text: 'New room', onChoose: () => onStart('room') },
            { icon: 'person', text: 'New message', onChoose: () => onStart('direct') },
            { icon: 'compass', text: 'Browse channels', onChoose: () => onStart('discover') },
            { icon: 'box', text: 'Archived and hidden rooms', onChoose: () => onStart('hidden-rooms') },
          ]}
        >
          <Icon name="plus" />
        </Menu>
      </header>
      <ThreadsButton />
      <RoomList openRoomId={openRoomId} onStart={onStart} />
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

/** After leaving a room, the focus goes to its line in the list, unless it is somewhere already. */
function useFocusAfterLeaving(nav: RefObject<HTMLElement | null>, openRoomId: string | undefined) {
  const lastRoomId = useRef(openRoomId)
  useEffect(() => {
    const left = openRoomId === undefined ? lastRoomId.current : undefined
    lastRoomId.current = openRoomId
    if (!left || (document.activeElement && document.activeElement !== document.body)) return
    nav.current?.querySelector<HTMLElement>(`[data-room="${left}"]`)?.focus()
  }, [nav, openRoomId])
}
