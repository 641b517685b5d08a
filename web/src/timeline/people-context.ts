import { createContext, use, useMemo } from 'react'
import type { UserSummary } from '../../../shared/index.ts'
import type { MentionName } from '../markdown/message-grammar.ts'

/** The members of the open room, by user id; empty in a large room. */
export const PeopleContext = createContext<ReadonlyMap<string, UserSummary>>(new Map())

export const usePeople = (): ReadonlyMap<string, UserSummary> => use(PeopleContext)

/** Everyone in the room. */
export const ROOM_NAME = 'room'

/** The names that may follow an @ in a message, the longest first. */
export function useMentionNames(mentions: readonly string[], mentionsRoom: boolean): readonly MentionName[] {
  const people = usePeople()
  return useMemo(() => {
    const users = mentions.flatMap((userId) => {
      const name = people.get(userId)?.name
      return name === undefined ? [] : [{ name, userId }]
    })
    return byLength(mentionsRoom ? [...users, { name: ROOM_NAME, userId: null }] : users)
  }, [people, mentions, mentionsRoom])
}

export const byLength = (names: readonly MentionName[]): MentionName[] =>
  names.toSorted((a, b) => b.name.length - a.name.length)

/** "Alice", "Alice and Bob", "Alice, Bob and 3 others"; `more` are those without a name. */
export function joinNames(names: readonly string[], more = 0): string {
  const shown = names.length + (more > 0 ? 1 : 0) > 3 ? names.slice(0, 2) : names
  const others = names.length - shown.length + more
  const parts = others > 0 ? [...shown, others === 1 ? '1 other' : `${others} others`] : shown
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
