import { useEffect, useState } from 'react'

const PAUSE_MS = 180

/** The typed text, a moment after the last keystroke. An emptied text is empty at once. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return text === '' ? '' : settled
}
