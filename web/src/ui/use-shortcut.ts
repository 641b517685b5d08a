import { useEffect, useRef } from 'react'

interface Shortcut {
  /** The key alone, unless the user is typing. */
  key?: string
  /** With Ctrl or Command, anywhere. */
  ctrlKey?: string
}

/** Calls back for a key, unless a dialog is open or another element uses it. */
export function useShortcut({ key, ctrlKey }: Shortcut, onPress: () => void) {
  const latest = useRef(onPress)
  useEffect(() => {
    latest.current = onPress
  }, [onPress])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isWithCtrl = event.ctrlKey || event.metaKey
      const isMeant = isWithCtrl ? event.key === ctrlKey : event.key === key && !isWriting(event.target)
      if (!isMeant || event.altKey || event.defaultPrevented || document.querySelector('dialog[open]')) return
      event.preventDefault()
      latest.current()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [key, ctrlKey])
}

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement
