import { type RefObject, useEffect, useRef } from 'react'

/** Calls back with the caret's position in a focused field, whenever it may have moved. */
export function useCaret(field: RefObject<HTMLTextAreaElement | null>, onCaret: (caret: number) => void) {
  const latest = useRef(onCaret)
  useEffect(() => {
    latest.current = onCaret
  })
  useEffect(() => {
    const look = () => {
      const { current } = field
      if (current && document.activeElement === current) latest.current(current.selectionStart)
    }
    // A field's own `select` event reports selections, but not the caret.
    document.addEventListener('selectionchange', look)
    return () => document.removeEventListener('selectionchange', look)
  }, [field])
}
