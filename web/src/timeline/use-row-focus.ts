import { type FocusEvent, type KeyboardEvent, type PointerEvent, useState } from 'react'
import type { Entry } from './timeline-rows.ts'

interface RowFocus {
  /** The one row that Tab reaches: the last focused one, otherwise the newest. */
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

/** The focused row and the hovered row of a list of messages. Arrow keys move between rows. */
export function useRowFocus(entries: readonly Entry[]): RowFocus {
  const [focusedKey, setFocusedKey] = useState<string>()
  const [pointedKey, setPointedKey] = useState<string>()
  const reachableKey = entries.some(({ key }) => key === focusedKey) ? focusedKey : entries.findLast(isRow)?.key
  return {
    reachableKey,
    pointedKey,
    handlers: {
      onKeyDown: (event) => moveByArrows(event, entries, focusRowInPage),
      onFocus: ({ target }) => setFocusedKey(keyAt(target)),
      onPointerOver: ({ target }) => setPointedKey(keyAt(target)),
      onPointerLeave: () => setPointedKey(undefined),
    },
  }
}

const keyAt = (target: EventTarget): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-row]')?.dataset['row'] : undefined

const isRow = ({ message }: Entry) => message?.kind !== 'system'

/** Up, down, Home and End move from message to message. `focusRow` may have to add the row to the page first. */
export function moveByArrows(
  event: KeyboardEvent<HTMLElement>,
  entries: readonly Entry[],
  focusRow: (key: string, list: Element) => void,
) {
  if (event.defaultPrevented || event.target instanceof HTMLInputElement) return
  const keys = entries.filter(isRow).map(({ key }) => key)
  const current = keys.indexOf(keyAt(event.target) ?? '')
  if (current < 0) return
  const target = { ArrowUp: current - 1, ArrowDown: current + 1, Home: 0, End: keys.length - 1 }[event.key]
  if (target === undefined) return
  event.preventDefault()
  const key = keys[target]
  if (key !== undefined) focusRow(key, event.currentTarget)
}

function focusRowInPage(key: string, list: Element) {
  list.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)?.focus()
}
