import { type FormEvent, useRef } from 'react'

type Field = HTMLInputElement | HTMLTextAreaElement

interface Written {
  /** Whether a field holds what was written in it here and not submitted. */
  isWritten: () => boolean
  /** For the element around the fields. */
  handlers: {
    onFocus: (event: { target: EventTarget }) => void
    onSubmit: (event: FormEvent) => void
  }
}

/** Whether something was written into the fields of a form. What was submitted counts as kept, what is searched for never does. */
export function useWritten(): Written {
  /** What each field held when it first got the focus. */
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
