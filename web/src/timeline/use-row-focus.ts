import { type FocusEvent, type KeyboardEvent, type PointerEvent, useState } from 'react'
import type { Entry } from './timeline-rows.ts'

interface RowFocus {
  /** The one row that Tab reaches: the last one that had the focus, else the newest. */
  reachableKey: string | undefined
  pointedKey: string | undefined
  /** For the element around the rows. */
  handlers: {
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
    onFocus: (event: FocusEvent<HTMLElement>) => void
    onPointerOver: (event: PointerEvent<HTMLElement>) => void
    onPointerLeave: () => void
  }
}

/** Which row of a list of messages the keyboard and the pointer are at; arrow keys move between them. */
export function useRowFocus(entries: readonly Entry[]): RowFocus {
  const [focusedKey, setFocusedKey] = useState<string>()
  const [pointedKey, setPointedKey] = useState<string>()
  const isRow = ({ message }: Entry) => message?.kind !== 'system'
  const reachableKey = entries.some(({ key }) => key === focusedKey) ? focusedKey : entries.findLast(isRow)?.key
  return {
    reachableKey,
    pointedKey,
    handlers: {
      onKeyDown: moveByArrows,
      onFocus: ({ target }) => setFocusedKey(keyAt(target)),
      onPointerOver: ({ target }) => setPointedKey(keyAt(target)),
      onPointerLeave: () => setPointedKey(undefined),
    },
  }
}

const keyAt = (target: EventTarget): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-row]')?.dataset['row'] : undefined

/** Up, down, Home and End move from message to message. */
function moveByArrows(event: KeyboardEvent<HTMLElement>) {
  if (event.defaultPrevented || event.target instanceof HTMLInputElement) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const current = rows.findIndex((row) => row.contains(document.activeElement))
  if (current < 0) return
  const target = { ArrowUp: current - 1, ArrowDown: current + 1, Home: 0, End: rows.length - 1 }[event.key]
  if (target === undefined) return
  event.preventDefault()
  rows[target]?.focus()
}
