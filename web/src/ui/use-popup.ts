import { type MouseEvent, type RefObject, useCallback, useEffect, useId, useRef, useState } from 'react'

/** Beside its button, or at the lower edge of a small screen, within reach of the fingers. */
type PopupForm = 'beside' | 'sheet'

/** The anchor of a popup: an element, or a point on the screen. */
export type Anchor = Pick<Element, 'getBoundingClientRect'>

export interface OpenPopup {
  /** Undefined while it is closed. */
  form: PopupForm | undefined
  id: string
  anchor: RefObject<Anchor | null>
  /** Aligned with the anchor's beginning; otherwise with its end. */
  isAtStart?: boolean
  /** Closes it and leaves the focus alone. */
  leave: () => void
}

export interface PopupState extends OpenPopup {
  /** The element that contains both. A press outside of it closes the popup. */
  root: RefObject<HTMLDivElement | null>
  /** Closes it, and returns the focus to the button. */
  close: () => void
  button: {
    ref: RefObject<HTMLButtonElement | null>
    type: 'button'
    'aria-expanded': boolean
    'aria-controls': string
    onClick: (event: MouseEvent<HTMLButtonElement>) => void
  }
}

/** The popup of a button, open until something else is pressed. */
export function usePopup(): PopupState {
  const [form, setForm] = useState<PopupForm>()
  const isOpen = form !== undefined
  const root = useRef<HTMLDivElement>(null)
  const ref = useRef<HTMLButtonElement>(null)
  const id = useId()

  const leave = useCallback(() => setForm(undefined), [])
  usePressOutside(root, isOpen, leave)

  return {
    form,
    root,
    id,
    anchor: ref,
    close: () => {
      setForm(undefined)
      ref.current?.focus()
    },
    leave,
    button: {
      ref,
      type: 'button',
      'aria-expanded': isOpen,
      'aria-controls': id,
      onClick: () => setForm(isOpen ? undefined : formNow()),
    },
  }
}

/** Calls back when something outside an element is pressed. */
export function usePressOutside(root: RefObject<HTMLElement | null>, isOpen: boolean, onPress: () => void) {
  useEffect(() => {
    if (!isOpen) return
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) onPress()
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [root, isOpen, onPress])
}

export const formNow = (): PopupForm =>
  matchMedia('(max-width: 720px), (pointer: coarse)').matches ? 'sheet' : 'beside'
