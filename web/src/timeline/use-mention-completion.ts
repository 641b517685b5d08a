import { useInfiniteQuery } from '@tanstack/react-query'
import { type RefObject, useRef } from 'react'
import { useChatQueries, useViewer } from '../../../client/react/react-entry.ts'
import { LIMITS, type UserSummary } from '../../../shared/index.ts'
import { useSettled } from '../ui/use-settled.ts'
import { candidates, type Mentioned, mentionedIn, tokenAt } from './mention-words.ts'
import { ROOM_NAME, usePeople } from './people-context.ts'
import { changeText } from './text-change.ts'
import { type OptionList, useOptionList } from './use-option-list.ts'
import { useTypedToken } from './use-typed-token.ts'

/** The possible mentions in a room. */
export interface MentionScope {
  /** The room has too many members to list them: they are searched by name. */
  isLarge: boolean
  /** The viewer's role may mention everyone. */
  mayRoom: boolean
}

export interface MentionCompletion extends OptionList<UserSummary | null> {
  /** For every change of the caret. */
  onCaret: (caret: number) => void
  /** The current mentions of the text. */
  mentioned: () => Mentioned
  close: () => void
}

/** Completes names after an @ in a field; null means everyone. */
export function useMentionCompletion(
  field: RefObject<HTMLTextAreaElement | null>,
  text: string,
  scope: MentionScope,
): MentionCompletion {
  const viewer = useViewer()
  const people = usePeople()
  const { token, caret, onCaret, close } = useTypedToken(text, tokenAt)
  /** The users chosen here, by name: of two users with one name, the chosen one. */
  const picked = useRef(new Map<string, string>())

  const found = useFound(scope.isLarge && token ? token.query : '')
  const known = scope.isLarge ? found : people.values()
  const others = [...known].filter(({ id }) => id !== viewer.id)
  const options = token ? candidates(others, token.query, scope.mayRoom) : []

  const choose = (option: UserSummary | null) => {
    if (!token || !field.current) return
    const name = option?.name ?? ROOM_NAME
    if (option) picked.current.set(name, option.id)
    const insert = `@${name} `
    const end = token.at + insert.length
    // A space that already follows the name is reused.
    changeText(field.current, {
      from: token.at,
      to: text.charAt(caret) === ' ' ? caret + 1 : caret,
      insert,
      select: [end, end],
    })
    close()
  }
  const list = useOptionList({ options, query: token?.query, choose, close })

  const mentioned = () => {
    const picks = [...picked.current].map(([name, userId]) => ({ name, userId }))
    const rest = [...people.values()]
      .filter(({ name }) => !picked.current.has(name))
      .map(({ id, name }) => ({ name, userId: id }))
    const room = scope.mayRoom ? [{ name: ROOM_NAME, userId: null }] : []
    const { mentions, mentionsRoom } = mentionedIn(text, [...picks, ...rest, ...room])
    return { mentions: mentions.slice(0, LIMITS.userIds), mentionsRoom }
  }

  return { ...list, onCaret, mentioned, close }
}

/** Users by name, for a room with too many members to list. */
function useFound(query: string): readonly UserSummary[] {
  const queries = useChatQueries()
  const settled = useSettled(query)
  const { data } = useInfiniteQuery({ ...queries.users(settled), enabled: settled !== '' })
  return settled === '' ? [] : (data?.pages[0]?.items ?? [])
}
