import type { UserSummary } from '../../../shared/index.ts'
import type { MentionName } from '../markdown/message-grammar.ts'
import { type Block, parseMessage, type Span } from '../markdown/parse-message.ts'
import { byLength, ROOM_NAME } from './people-context.ts'
import type { TextToken } from './use-typed-token.ts'

/** The mentions of a text. */
export interface Mentioned {
  mentions: string[]
  mentionsRoom: boolean
}

const TOKEN = /(?<![\p{L}\p{N}_])@([^@\n]{0,40})$/u
const SHOWN = 6

/** The token that ends at the caret; undefined if there is none. */
export function tokenAt(text: string, caret: number): TextToken | undefined {
  const found = TOKEN.exec(text.slice(Math.max(0, caret - 42), caret))
  if (!found) return undefined
  return { at: caret - found[0].length, query: found[1] ?? '' }
}

/** Names for everyone in the room in other programs. */
const ROOM_ALIASES = ['everyone', 'here', 'channel', 'all']

/**
 * The users that match the text so far: a word of their name, or their id, begins with it. Null means everyone in the room, and
 * also matches the names that other programs use for it. Those matches come last, because "@eve" is more likely Eve.
 */
export function candidates(people: Iterable<UserSummary>, query: string, mayRoom: boolean): (UserSummary | null)[] {
  const wanted = query.toLocaleLowerCase()
  const isMeant = ({ id, name }: UserSummary) => {
    const known = name.toLocaleLowerCase()
    return known.startsWith(wanted) || known.includes(` ${wanted}`) || id.toLocaleLowerCase().startsWith(wanted)
  }
  const users: (UserSummary | null)[] = [...people].filter(isMeant).toSorted((a, b) => a.name.localeCompare(b.name))
  const isRoom = (name: string) => mayRoom && wanted !== '' && name.startsWith(wanted)
  if (isRoom(ROOM_NAME)) return [null, ...users].slice(0, SHOWN)
  return ROOM_ALIASES.some(isRoom) ? [...users.slice(0, SHOWN - 1), null] : users.slice(0, SHOWN)
}

/** The users that a text mentions: exactly those whose names stand out in it. */
export function mentionedIn(content: string, names: readonly MentionName[]): Mentioned {
  const found = new Set<string | null>()
  const visitSpans = (spans: readonly Span[]) => {
    for (const span of spans) {
      if (span.type === 'mention') found.add(span.userId)
      else if ('spans' in span) visitSpans(span.spans)
    }
  }
  const visit = (blocks: readonly Block[]) => {
    for (const block of blocks) {
      if (block.type === 'paragraph') visitSpans(block.spans)
      else if (block.type === 'quote') visit(block.blocks)
      else if (block.type === 'list') block.items.forEach(visit)
    }
  }
  visit(parseMessage(content, byLength(names)))
  return { mentions: [...found].filter((id) => id !== null), mentionsRoom: found.has(null) }
}
