import { useEffect, useState } from 'react'

const PAUSE_MS = 180

/** What somebody types, a moment after the last keystroke; what is emptied is empty at once. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return text === '' ? '' : settled
}
