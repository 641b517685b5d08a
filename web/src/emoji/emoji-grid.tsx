import { memo } from 'react'

/** The content of a button, and its name. */
export interface NamedEmoji {
  emoji: string
  name: string
}

interface EmojiGridProps {
  emojis: readonly NamedEmoji[]
  /** Tab reaches the first one; arrow keys reach all of them. */
  isReachable?: boolean | undefined
  onPick: (emoji: string) => void
}

/** Emoji in rows, each a button. */
export const EmojiGrid = memo(function EmojiGrid({ emojis, isReachable = false, onPick }: EmojiGridProps) {
  return (
    <div className="emojis">
      {emojis.map(({ emoji, name }, index) => (
        <button
          key={emoji}
          type="button"
          className="emoji"
          aria-label={`${name} ${emoji}`.trim()}
          title={name}
          tabIndex={isReachable && index === 0 ? 0 : -1}
          onClick={() => onPick(emoji)}
        >
          {emoji}
        </button>
      ))}
    </div>
  )
})

/** Moves the focus among the emoji of an element; true if the key was used. Up and down go from one grid to the next. */
export function moveInEmojis(root: HTMLElement | null, key: string): boolean {
  const rows = [...(root?.querySelectorAll<HTMLElement>('.emojis') ?? [])].flatMap(rowsOf)
  const items = rows.flat()
  const index = items.findIndex((item) => item === document.activeElement)
  if (index < 0) return false
  const row = rows.findIndex((each) => each.includes(items[index] ?? document.body))
  const column = rows[row]?.findIndex((item) => item === items[index]) ?? 0
  const inRow = (cells: readonly HTMLElement[] = []) => cells[Math.min(column, cells.length - 1)]
  const target = {
    ArrowRight: items[index + 1],
    ArrowLeft: items[index - 1],
    ArrowDown: inRow(rows[row + 1]),
    ArrowUp: inRow(rows[row - 1]),
    Home: items[0],
    End: items.at(-1),
  }[key]
  target?.focus()
  return target !== undefined
}

/** The number of columns in the style sheet. */
function rowsOf(grid: HTMLElement): HTMLElement[][] {
  const items = [...grid.querySelectorAll<HTMLElement>('.emoji')]
  const columns = Number(getComputedStyle(grid).getPropertyValue('--columns')) || items.length || 1
  return Array.from({ length: Math.ceil(items.length / columns) }, (_, row) =>
    items.slice(row * columns, (row + 1) * columns),
  )
}
