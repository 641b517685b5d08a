import { type RefObject, useEffect, useRef } from 'react'

/** Calls back with the place of the caret in a field that has the focus, whenever it may have moved. */
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
    // A field's own `select` tells of what is selected, and not of a caret.
    document.addEventListener('selectionchange', look)
    return () => document.removeEventListener('selectionchange', look)
  }, [field])
}
