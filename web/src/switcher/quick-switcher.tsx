/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a select would take the focus from the field */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useInbox, useViewer } from '../../../client/react/react-entry.ts'
import { useOpenDirect } from '../people/use-open-direct.ts'
import { useUserSearch } from '../people/user-search.ts'
import { useAllRooms } from '../rooms/use-all-rooms.ts'
import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { Icon } from '../ui/icons.tsx'
import { showRoom, useOpenRoomId } from '../ui/route.ts'
import { useAttempt } from '../ui/use-attempt.ts'
import { type SwitcherChoice, switcherChoices } from './switcher-choices.ts'
import { SwitcherOption } from './switcher-option.tsx'

const NOBODY: ReadonlySet<string> = new Set()

/** Jumps to a room, a conversation or a person by name: arrow keys move, Enter opens, Escape closes. */
export function QuickSwitcher({ onClose }: { onClose: () => void }) {
  const viewer = useViewer()
  const openRoomId = useOpenRoomId()
  const { entries, inbox, nextCursor } = useInbox()
  const session = useSession()
  // Visits while the switcher is open don't reorder its list.
  const [visited] = useState(() => session.visited.list())
  const [typed, setTyped] = useState('')
  const [active, setActive] = useState(0)
  const { users, isLoading } = useUserSearch(typed, NOBODY)
  const isTyped = typed.trim() !== ''
  useAllRooms(isTyped)
  const openDirect = useOpenDirect()
  const { fault, attempt } = useAttempt()
  const listId = useId()
  const list = useRef<HTMLDivElement>(null)

  const known = { entries, counts: inbox.rooms, visited, users, viewerId: viewer.id, openRoomId }
  const choices = switcherChoices(typed, known)
  const activeIndex = Math.max(0, Math.min(active, choices.length - 1))
  const isSearching = isTyped && (isLoading || nextCursor !== null)

  useEffect(() => {
    list.current?.children[activeIndex]?.scrollIntoView({ block: 'nearest' })
  }, [activeIndex])

  const go = async (choice: SwitcherChoice) => {
    if (choice.type === 'room') {
      onClose()
      showRoom(choice.room.id)
    } else if (await attempt(() => openDirect(choice.user.id))) onClose()
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event
    const choice = choices[activeIndex]
    if (event.nativeEvent.isComposing) return
    if (key === 'Escape' || ((event.ctrlKey || event.metaKey) && key === 'k')) onClose()
    else if (key === 'ArrowDown') setActive((activeIndex + 1) % Math.max(1, choices.length))
    else if (key === 'ArrowUp') setActive((activeIndex || choices.length) - 1)
    else if (key === 'Enter') {
      if (choice) void go(choice)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <Dialog title="Jump to" onClose={onClose}>
      <span className="search">
        <Icon name="search" size={18} />
        <input
          className="input"
          type="search"
          role="combobox"
          aria-label="Room or person"
          aria-expanded={choices.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={choices.length > 0 ? `${listId}-${activeIndex}` : undefined}
          placeholder="Room or person"
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value)
            setActive(0)
          }}
          onKeyDown={onKeyDown}
          autoComplete="off"
          dir="auto"
          data-first-focus
        />
      </span>
      <div className="dialog-scroll switcher-found">
        <div ref={list} role="listbox" id={listId} aria-label="Rooms and people">
          {choices.map((choice, index) => (
            <SwitcherOption
              key={choice.key}
              id={`${listId}-${index}`}
              choice={choice}
              isActive={index === activeIndex}
              onGo={() => void go(choice)}
            />
          ))}
        </div>
        <output className="picker-note">{choices.length === 0 && noteOf(isSearching, isTyped)}</output>
      </div>
      <FaultLine fault={fault} />
    </Dialog>
  )
}

const noteOf = (isSearching: boolean, isTyped: boolean) =>
  isSearching
    ? 'Searching…'
    : isTyped
      ? 'No rooms or people found.'
      : 'No other conversations yet. Type a name to find people.'
