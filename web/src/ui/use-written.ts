import { type FormEvent, useRef } from 'react'

type Field = HTMLInputElement | HTMLTextAreaElement

interface Written {
  /** Whether a field contains unsubmitted text that was typed here. */
  isWritten: () => boolean
  /** For the element around the fields. */
  handlers: {
    onFocus: (event: { target: EventTarget }) => void
    onSubmit: (event: FormEvent) => void
  }
}

/** Whether the fields of a form contain unsaved text. Submitted text counts as saved; search text never counts. */
export function useWritten(): Written {
  /** What each field contained when it first got the focus. */
  const before = useRef(new Map<Field, string>())
  return {
    isWritten: () =>
      [...before.current].some(([field, text]) => field.isConnected && field.value.trim() !== text.trim()),
    handlers: {
      onFocus: ({ target }) => {
        if (isText(target) && !before.current.has(target)) before.current.set(target, target.value)
      },
      onSubmit: () => {
        for (const field of before.current.keys()) before.current.set(field, field.value)
      },
    },
  }
}

const isText = (target: EventTarget): target is Field =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === 'text')
