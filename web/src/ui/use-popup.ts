import { type MouseEvent, type RefObject, useCallback, useEffect, useId, useRef, useState } from 'react'

/** Beside its button, or from the lower edge of a small screen, where fingers reach it. */
type PopupForm = 'beside' | 'sheet'

/** What a popup stands beside: an element, or a place on the screen. */
export type Anchor = Pick<Element, 'getBoundingClientRect'>

export interface OpenPopup {
  /** Undefined while it is closed. */
  form: PopupForm | undefined
  id: string
  anchor: RefObject<Anchor | null>
  /** Its beginning stands at the anchor's; else its end at the anchor's end. */
  isAtStart?: boolean
  /** Closes it and leaves the focus where it goes. */
  leave: () => void
}

export interface PopupState extends OpenPopup {
  /** Of the element that holds both: a press outside it closes. */
  root: RefObject<HTMLDivElement | null>
  /** Closes it, and gives the focus back to the button. */
  close: () => void
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
