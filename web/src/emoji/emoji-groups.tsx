import { type CSSProperties, memo, type RefObject } from 'react'
import type { EmojiGroup } from './emoji-catalog.ts'
import { EmojiGrid, type NamedEmoji } from './emoji-grid.tsx'

interface EmojiSectionProps {
  name: string
  emojis: readonly NamedEmoji[]
  /** Tab reaches this one. */
  isReachable?: boolean
  onPick: (emoji: string) => void
}

export const EmojiSection = memo(function EmojiSection({ name, emojis, isReachable, onPick }: EmojiSectionProps) {
  return (
    <section className="emoji-section" data-group={name} aria-label={name} style={withCount(emojis.length)}>
      <h3 className="emoji-title">{name}</h3>
      <EmojiGrid emojis={emojis} isReachable={isReachable} onPick={onPick} />
    </section>
  )
})

/** The style sheet computes the height of a section that is not laid out yet from this. */
const withCount = (count: number): CSSProperties & Record<'--count', number> => ({ '--count': count })

interface EmojiGroupBarProps {
  groups: readonly EmojiGroup[]
  /** The element that contains the sections. */
  board: RefObject<HTMLElement | null>
}

/** One button for each group, which scrolls to it. */
export function EmojiGroupBar({ groups, board }: EmojiGroupBarProps) {
  const goTo = (name: string) => {
    const section = board.current?.querySelector<HTMLElement>(`[data-group="${CSS.escape(name)}"]`)
    section?.querySelector<HTMLElement>('.emoji')?.focus({ preventScroll: true })
    section?.scrollIntoView({ block: 'start' })
  }
  return (
    <nav className="emoji-groups" aria-label="Emoji categories">
      {groups.map(({ name, emojis: [first] }) => (
        <button
          key={name}
          type="button"
          className="emoji-group"
          aria-label={name}
          title={name}
          onClick={() => goTo(name)}
        >
          {first?.emoji}
        </button>
      ))}
    </nav>
  )
}
