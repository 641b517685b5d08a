import { useEffect, useState } from 'react'
import { useChat } from '../../../client/react/react-entry.ts'
import { Later } from '../later/later.tsx'
import { showRoom, useOpenRoomId } from '../ui/route.ts'
import { useShortcut } from '../ui/use-shortcut.ts'

/** The keys that work everywhere, and the list of all keys. */
export function Shortcuts({ onSwitch }: { onSwitch: () => void }) {
  const { inbox } = useChat()
  const openRoomId = useOpenRoomId()
  const [isOpen, setOpen] = useState(false)
  useShortcut({ key: '?', ctrlKey: '/' }, () => setOpen(true))
  useShortcut({ ctrlKey: 'k' }, onSwitch)

  useEffect(() => {
    const moveBetweenRooms = (event: KeyboardEvent) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
      if (!step || !event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open]')) return
      const rooms = inbox.view.get().entries.map(({ room }) => room.id)
      const open = rooms.indexOf(openRoomId ?? '')
      const next = rooms[open < 0 ? 0 : open + step]
      if (!next) return
      event.preventDefault()
      showRoom(next)
    }
    document.addEventListener('keydown', moveBetweenRooms)
    return () => document.removeEventListener('keydown', moveBetweenRooms)
  }, [inbox, openRoomId])

  const close = () => setOpen(false)
  return isOpen && <Later onFail={close}>{({ ShortcutsDialog }) => <ShortcutsDialog onClose={close} />}</Later>
}
