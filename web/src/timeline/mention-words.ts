import type { UserSummary } from '../../../shared/index.ts'
import { parseBlocks } from '../markdown/markdown-blocks.ts'
import type { MentionName, Span } from '../markdown/markdown-spans.ts'
import { byLength, ROOM_NAME } from './people-context.ts'
import type { TextToken } from './use-typed-token.ts'

/** Whom a text addresses. */
export interface Mentioned {
  mentions: string[]
  mentionsRoom: boolean
}

const TOKEN = /(?<![\p{L}\p{N}_])@([^@\n]{0,40})$/u
const SHOWN = 6

/** The token that ends at the caret; undefined where none does. */
export function tokenAt(text: string, caret: number): TextToken | undefined {
  const found = TOKEN.exec(text.slice(Math.max(0, caret - 42), caret))
  if (!found) return undefined
  return { at: caret - found[0].length, query: found[1] ?? '' }
}

/** Who is meant by what is written so far: a word of their name, or their id, begins so. */
export function candidates(people: Iterable<UserSummary>, query: string, mayRoom: boolean): (UserSummary | null)[] {
  const wanted = query.toLocaleLowerCase()
  const isMeant = ({ id, name }: UserSummary) => {
    const known = name.toLocaleLowerCase()
    return known.startsWith(wanted) || known.includes(` ${wanted}`) || id.toLocaleLowerCase().startsWith(wanted)
  }
  const users: (UserSummary | null)[] = [...people].filter(isMeant).toSorted((a, b) => a.name.localeCompare(b.name))
  const isRoomMeant = mayRoom && wanted !== '' && ROOM_NAME.startsWith(wanted)
  return (isRoomMeant ? [null, ...users] : users).slice(0, SHOWN)
}

/** Whom a text mentions: exactly those whose names will stand out in it. */
export function mentionedIn(content: string, names: readonly MentionName[]): Mentioned {
  const found = new Set<string | null>()
  const visit = (spans: readonly Span[]) => {
    for (const span of spans) {
      if (span.type === 'mention') found.add(span.userId)
      else if ('spans' in span) visit(span.spans)
    }
  }
  for (const block of parseBlocks(content, byLength(names))) if ('lines' in block) block.lines.forEach(visit)
  return { mentions: [...found].filter((id) => id !== null), mentionsRoom: found.has(null) }
}
