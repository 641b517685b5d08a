import { useEffect, useState } from 'react'
import { Later } from '../later/later.tsx'
import { useShortcut } from '../ui/use-shortcut.ts'

/** The keys that work wherever one is, and the list of all of them. */
export function Shortcuts() {
  const [isOpen, setOpen] = useState(false)
  useShortcut({ key: '?', ctrlKey: '/' }, () => setOpen(true))
  useEffect(() => {
    document.addEventListener('keydown', moveBetweenRooms)
    return () => document.removeEventListener('keydown', moveBetweenRooms)
  }, [])
  const close = () => setOpen(false)
  return isOpen && <Later onFail={close}>{({ ShortcutsDialog }) => <ShortcutsDialog onClose={close} />}</Later>
}

function moveBetweenRooms(event: KeyboardEvent) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step || !event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open]')) return
  const items = [...document.querySelectorAll<HTMLAnchorElement>('.room-item')]
  const open = items.findIndex((item) => item.ariaCurrent === 'page')
  const next = items[open < 0 ? 0 : open + step]
  if (!next) return
  event.preventDefault()
  next.click()
}
