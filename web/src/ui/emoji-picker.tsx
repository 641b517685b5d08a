/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a dialog element would count as an open dialog of the page */
import { type KeyboardEvent, useEffect, useState } from 'react'
import { LIMITS } from '../../../shared/index.ts'
import { Icon } from './icons.tsx'
import { usePopup } from './use-popup.ts'

/** What people answer with most, and what it is called. */
const COMMON = [
  ['👍', 'Thumbs up'],
  ['❤️', 'Heart'],
  ['😂', 'Tears of joy'],
  ['🎉', 'Party popper'],
  ['😮', 'Surprised'],
  ['😢', 'Sad'],
  ['🙏', 'Thank you'],
  ['👀', 'Eyes'],
  ['✅', 'Done'],
  ['🔥', 'Fire'],
  ['💯', 'Hundred'],
  ['👏', 'Applause'],
  ['🤔', 'Thinking'],
  ['🚀', 'Rocket'],
  ['👎', 'Thumbs down'],
  ['☕', 'Coffee'],
] as const

const COLUMNS = 8

interface EmojiPickerProps {
  label: string
  tabIndex?: number
  className?: string
  onPick: (emoji: string) => void
}

/** A button that opens a few emoji and a field for any other one. */
export function EmojiPicker({ label, tabIndex, className = 'icon-button', onPick }: EmojiPickerProps) {
  const popup = usePopup()
  const { side, root, id, button } = popup
  const isOpen = side !== undefined
  const [typed, setTyped] = useState('')

  useEffect(() => {
    if (isOpen) root.current?.querySelector<HTMLElement>('.emoji')?.focus()
  }, [isOpen, root])

  const close = () => {
    popup.close()
    setTyped('')
  }

  const pick = (emoji: string) => {
    if (!emoji) return
    close()
    onPick(emoji)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const isInField = event.target instanceof HTMLInputElement
    if (event.key === 'Escape') close()
    else if (isInField && event.key === 'Enter') pick(typed.trim())
    else if (isInField || !moveByArrows(root.current, event.key)) return event.stopPropagation()
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="menu-root" ref={root}>
      <button
        {...button}
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        tabIndex={tabIndex}
      >
        <Icon name="smile" size={18} />
      </button>
      {isOpen && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- not modal: a menu with a field
        <div
          id={id}
          role="dialog"
          tabIndex={-1}
          aria-label={label}
          className="menu emoji-picker"
          data-opens={side}
          onKeyDown={onKeyDown}
        >
          <div className="emojis">
            {COMMON.map(([emoji, name]) => (
              <button
                key={emoji}
                type="button"
                className="emoji"
                aria-label={`${name} ${emoji}`}
                title={name}
                onClick={() => pick(emoji)}
              >
                {emoji}
              </button>
            ))}
          </div>
          <input
            className="input"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            placeholder="Another emoji"
            aria-label="Another emoji"
            maxLength={LIMITS.emoji}
            autoComplete="off"
          />
        </div>
      )}
    </div>
  )
}

/** True where the key moved the focus within the grid. */
function moveByArrows(root: HTMLElement | null, key: string): boolean {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[key]
  if (!step) return false
  const items = [...(root?.querySelectorAll<HTMLElement>('.emoji') ?? [])]
  items[items.findIndex((item) => item.matches(':focus')) + step]?.focus()
  return true
}
