import { useState } from 'react'
import { LIMITS } from '../../../shared/index.ts'

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

/** A few emoji, and a field for any other one. */
export function EmojiGrid({ onPick }: { onPick: (emoji: string) => void }) {
  const [typed, setTyped] = useState('')
  return (
    <>
      <div className="emojis">
        {COMMON.map(([emoji, name]) => (
          <button
            key={emoji}
            type="button"
            className="emoji"
            aria-label={`${name} ${emoji}`}
            title={name}
            onClick={() => onPick(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim()) onPick(typed.trim())
        }}
      >
        <input
          className="input"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder="Another emoji"
          aria-label="Another emoji"
          maxLength={LIMITS.emoji}
          autoComplete="off"
          enterKeyHint="send"
        />
      </form>
    </>
  )
}

/** True where the key moved the focus within the grid. */
export function moveInEmojis(root: HTMLElement | null, key: string): boolean {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[key]
  if (!step) return false
  const items = [...(root?.querySelectorAll<HTMLElement>('.emoji') ?? [])]
  const current = items.findIndex((item) => item.matches(':focus'))
  if (current < 0) return false
  items[current + step]?.focus()
  return true
}
