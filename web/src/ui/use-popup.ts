import { type MouseEvent, type RefObject, useEffect, useId, useRef, useState } from 'react'

/** Beside its button, or from the lower edge of a small screen, where fingers reach it. */
type PopupForm = 'beside' | 'sheet'

export interface PopupState {
  /** Undefined while it is closed. */
  form: PopupForm | undefined
  /** Of the element that holds both: a press outside it closes. */
  root: RefObject<HTMLDivElement | null>
  id: string
  /** Closes it, and gives the focus back to the button. */
  close: () => void
  /** Closes it and leaves the focus where it goes. */
  leave: () => void
  button: {
    ref: RefObject<HTMLButtonElement | null>
    type: 'button'
    'aria-expanded': boolean
    'aria-controls': string
    onClick: (event: MouseEvent<HTMLButtonElement>) => void
  }
}

/** What a button opens, until something else is pressed. */
export function usePopup(): PopupState {
  const [form, setForm] = useState<PopupForm>()
  const isOpen = form !== undefined
  const root = useRef<HTMLDivElement>(null)
  const ref = useRef<HTMLButtonElement>(null)
  const id = useId()

  useEffect(() => {
    if (!isOpen) return
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) setForm(undefined)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [isOpen])

  return {
    form,
    root,
    id,
    close: () => {
      setForm(undefined)
      ref.current?.focus()
    },
    leave: () => setForm(undefined),
    button: {
      ref,
      type: 'button',
      'aria-expanded': isOpen,
      'aria-controls': id,
      onClick: () => setForm(isOpen ? undefined : formNow()),
    },
  }
}

const formNow = (): PopupForm => (matchMedia('(max-width: 720px), (pointer: coarse)').matches ? 'sheet' : 'beside')
