import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icons.tsx'
import { COMMON_EMOJI, usualEmojis } from './common-emoji.ts'
import type { EmojiGroup } from './emoji-catalog.ts'
import { moveInEmojis, type NamedEmoji } from './emoji-grid.tsx'
import { EmojiGroupBar, EmojiSection } from './emoji-groups.tsx'
import { useEmojiCatalog } from './use-emoji-catalog.ts'
import { useOneByOne } from './use-one-by-one.ts'

const USUAL = 16
const FOUND = 80
const NO_GROUPS: readonly EmojiGroup[] = []
/** An emoji that no catalog has yet can be typed or pasted. */
const PICTOGRAPH = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u

/** All emoji: the recent ones, groups, and a search field. */
export function EmojiBoard({ onPick }: { onPick: (emoji: string) => void }) {
  const { recentEmoji } = useSession()
  const [usual] = useState(() => usualEmojis(recentEmoji.list.get(), USUAL))
  const { data: catalog, isError, refetch } = useEmojiCatalog()
  const [query, setQuery] = useState('')
  const root = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const groups = catalog?.EMOJI_GROUPS ?? NO_GROUPS
  const drawn = useOneByOne(groups)

  useEffect(() => {
    // On a phone the keyboard would cover the emoji.
    const first = matchMedia('(pointer: coarse)').matches ? root.current?.querySelector<HTMLElement>('.emoji') : null
    ;(first ?? search.current)?.focus()
  }, [])

  const latest = useRef(onPick)
  useEffect(() => {
    latest.current = onPick
  })
  const pick = useCallback(
    (emoji: string) => {
      recentEmoji.add(emoji)
      latest.current(emoji)
    },
    [recentEmoji],
  )

  const wanted = query.trim()
  const usualNamed = useMemo<NamedEmoji[]>(
    () => usual.map((emoji) => ({ emoji, name: COMMON_EMOJI.get(emoji) ?? catalog?.nameOfEmoji(emoji) ?? '' })),
    [usual, catalog],
  )
  const found = useMemo<readonly NamedEmoji[]>(() => {
    if (wanted === '') return []
    if (PICTOGRAPH.test(wanted)) return [{ emoji: wanted, name: catalog?.nameOfEmoji(wanted) ?? 'Emoji' }]
    return catalog?.findEmojis(wanted, FOUND) ?? []
  }, [wanted, catalog])

  const onKeyDown = (event: KeyboardEvent) => {
    const isSearching = event.target === search.current
    const [first] = found
    if (isSearching && event.key === 'Enter') {
      if (first) pick(first.emoji)
    } else if (isSearching && event.key === 'ArrowDown') {
      root.current?.querySelector<HTMLElement>('.emoji')?.focus()
    } else if (!moveInEmojis(root.current, event.key)) {
      if (isSearching) return
      // Arrow up leads from the first row back to the field. Typing searches, wherever the focus is.
      const isTyped = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey
      if (event.key === 'ArrowUp' || isTyped) search.current?.focus()
      if (event.key !== 'ArrowUp') return
    }
    event.preventDefault()
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus between what is inside
    <div className="emoji-board" ref={root} onKeyDown={onKeyDown}>
      <label className="search">
        <span className="for-readers">Search emoji</span>
        <Icon name="search" size={18} />
        <input
          ref={search}
          className="input"
          type="search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          placeholder="Search emoji"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          enterKeyHint="done"
        />
      </label>
      <div className="emoji-scroll">
        {wanted === '' ? (
          <>
            <EmojiSection name="Frequently used" emojis={usualNamed} isReachable onPick={pick} />
            {drawn.map((group) => (
              <EmojiSection key={group.name} name={group.name} emojis={group.emojis} onPick={pick} />
            ))}
          </>
        ) : (
          found.length > 0 && <EmojiSection name="Search results" emojis={found} isReachable onPick={pick} />
        )}
        <output className="emoji-says">
          {isError ? 'Couldn’t load all emoji.' : !catalog ? 'Loading…' : wanted && countOf(found.length)}
        </output>
        {isError && (
          <button type="button" className="button button-small" onClick={() => void refetch()}>
            Try again
          </button>
        )}
      </div>
      {wanted === '' && drawn.length > 0 && drawn.length === groups.length && (
        <EmojiGroupBar groups={groups} board={root} />
      )}
    </div>
  )
}

const countOf = (count: number) =>
  count === 0
    ? 'No emoji found.'
    : count === 1
      ? '1 emoji found.'
      : `${count < FOUND ? count : `${count}+`} emoji found.`
