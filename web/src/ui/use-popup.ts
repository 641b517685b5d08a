import { type MouseEvent, type RefObject, useEffect, useId, useRef, useState } from 'react'

type PopupSide = 'up' | 'down'

interface Popup {
  /** Where it opens from its button; undefined while it is closed. */
  side: PopupSide | undefined
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

/** What a button opens beside itself, above or below, until something else is pressed. */
export function usePopup(): Popup {
  const [side, setSide] = useState<PopupSide>()
  const isOpen = side !== undefined
  const root = useRef<HTMLDivElement>(null)
  const ref = useRef<HTMLButtonElement>(null)
  const id = useId()

  useEffect(() => {
    if (!isOpen) return
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) setSide(undefined)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [isOpen])

  return {
    side,
    root,
    id,
    close: () => {
      setSide(undefined)
      ref.current?.focus()
    },
    leave: () => setSide(undefined),
    button: {
      ref,
      type: 'button',
      'aria-expanded': isOpen,
      'aria-controls': id,
      onClick: ({ currentTarget }) => setSide(isOpen ? undefined : sideOf(currentTarget)),
    },
  }
}

/** Below the button, or above it where there is more room. */
const sideOf = (button: Element): PopupSide => (button.getBoundingClientRect().bottom > innerHeight / 2 ? 'up' : 'down')
