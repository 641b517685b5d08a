import { useInfiniteQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from 'react'
import { useChatQueries, useViewer } from '../../../client/react/react-entry.ts'
import { LIMITS, type UserSummary } from '../../../shared/index.ts'
import { useSettled } from '../ui/use-settled.ts'
import { candidates, type Mentioned, mentionedIn, tokenAt } from './mention-words.ts'
import { ROOM_NAME, usePeople } from './people-context.ts'

/** What can be mentioned in a room. */
export interface MentionScope {
  /** The room has too many members to know them all: they are looked up by name. */
  isLarge: boolean
  /** The viewer's role allows to address everybody. */
  mayRoom: boolean
}

export interface MentionCompletion {
  listId: string
  /** Whom the list offers; null is everybody. Empty while it is closed. */
  options: readonly (UserSummary | null)[]
  activeIndex: number
  /** For every change of the caret. */
  onCaret: (caret: number) => void
  /** True where the list has used the key. */
  onKey: (event: KeyboardEvent) => boolean
  choose: (option: UserSummary | null) => void
  /** Whom the text mentions now. */
  mentioned: () => Mentioned
  close: () => void
}

interface Field {
  field: RefObject<HTMLTextAreaElement | null>
  text: string
  write: (text: string) => void
}

/** Completes names after an @ in a field. */
export function useMentionCompletion({ field, text, write }: Field, scope: MentionScope): MentionCompletion {
  const viewer = useViewer()
  const people = usePeople()
  const [caret, setCaret] = useState(-1)
  const [active, setActive] = useState(0)
  const [closedAt, setClosedAt] = useState(-1)
  const nextCaret = useRef<number>(undefined)
  /** Who was chosen here, by name: of two with one name it is the one who was chosen. */
  const picked = useRef(new Map<string, string>())

  const token = caret < 0 ? undefined : tokenAt(text, caret)
  const isOpen = token !== undefined && token.at !== closedAt
  const found = useFound(scope.isLarge && isOpen ? token.query : '')
  const known = scope.isLarge ? found : people.values()
  const others = [...known].filter(({ id }) => id !== viewer.id)
  const options = isOpen ? candidates(others, token.query, scope.mayRoom) : []
  const activeIndex = Math.min(active, options.length - 1)

  useLayoutEffect(() => {
    if (nextCaret.current === undefined) return
    field.current?.setSelectionRange(nextCaret.current, nextCaret.current)
    nextCaret.current = undefined
  })

  const close = () => setClosedAt(token?.at ?? -1)

  const choose = (option: UserSummary | null) => {
    if (!token) return
    const name = option?.name ?? ROOM_NAME
    if (option) picked.current.set(name, option.id)
    const after = text.slice(caret)
    const inserted = `@${name}${after.startsWith(' ') ? '' : ' '}`
    nextCaret.current = token.at + name.length + 2
    write(text.slice(0, token.at) + inserted + after)
    setCaret(-1)
    field.current?.focus()
  }

  const onKey = (event: KeyboardEvent): boolean => {
    const option = options[activeIndex]
    if (option === undefined) return false
    if (event.key === 'ArrowDown') setActive((activeIndex + 1) % options.length)
    else if (event.key === 'ArrowUp') setActive((activeIndex - 1 + options.length) % options.length)
    else if (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) choose(option)
    else if (event.key === 'Escape') close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  const mentioned = () => {
    const picks = [...picked.current].map(([name, userId]) => ({ name, userId }))
    const rest = [...people.values()]
      .filter(({ name }) => !picked.current.has(name))
      .map(({ id, name }) => ({ name, userId: id }))
    const room = scope.mayRoom ? [{ name: ROOM_NAME, userId: null }] : []
    const { mentions, mentionsRoom } = mentionedIn(text, [...picks, ...rest, ...room])
    return { mentions: mentions.slice(0, LIMITS.userIds), mentionsRoom }
  }

  const onCaret = (next: number) => {
    if (next !== caret) setActive(0)
    setCaret(next)
    if (tokenAt(text, next)?.at !== closedAt) setClosedAt(-1)
  }

  return { listId: useId(), options, activeIndex, onCaret, onKey, choose, mentioned, close }
}

/** Users by name, for a room whose members are too many to be known. */
function useFound(query: string): readonly UserSummary[] {
  const queries = useChatQueries()
  const settled = useSettled(query)
  const { data } = useInfiniteQuery({ ...queries.users(settled), enabled: settled !== '' })
  return settled === '' ? [] : (data?.pages[0]?.items ?? [])
}
