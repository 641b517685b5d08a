import type { Message, RoomState } from '../../shared/index.ts'

/** A room's state whose messages are a window of its history. */
export interface LoadedMessages {
  state: RoomState
  /** The window reaches the newest message, and new messages are added to it. */
  isAtEnd: boolean
}

/** The state after an event. A window that lies further back takes no new messages. */
export function followed({ state, isAtEnd }: LoadedMessages, next: RoomState): LoadedMessages {
  if (isAtEnd) return { state: next, isAtEnd }
  const lastSeq = state.messages.at(-1)?.seq ?? 0
  const hasNewer = (next.messages.at(-1)?.seq ?? 0) > lastSeq
  const messages = hasNewer ? next.messages.filter(({ seq }) => seq <= lastSeq) : next.messages
  return { state: { ...next, messages }, isAtEnd }
}

/** The window with a page added at one of its ends. */
export function joined(
  { state, isAtEnd }: LoadedMessages,
  page: readonly Message[],
  { older, hasMore }: { older: boolean; hasMore: boolean },
): LoadedMessages {
  const known = new Set(state.messages.map(({ id }) => id))
  const fresh = page.filter(({ id }) => !known.has(id))
  if (!older) return { state: { ...state, messages: [...state.messages, ...fresh] }, isAtEnd: isAtEnd || !hasMore }
  const messages = [...fresh, ...state.messages]
  return { state: { ...state, messages, messagesFromSeq: hasMore ? (messages[0]?.seq ?? 0) : 0 }, isAtEnd }
}

interface Bound {
  /** The most messages that are loaded, and how many are kept when there are more. */
  max: number
  keep: number
  /** The end that loses messages. */
  drop: 'oldest' | 'newest'
}

/** The window without the messages beyond the bound; `lost` is true if some were removed. */
export function bounded(loaded: LoadedMessages, { max, keep, drop }: Bound): { kept: LoadedMessages; lost: boolean } {
  const { state, isAtEnd } = loaded
  if (state.messages.length <= max) return { kept: loaded, lost: false }
  if (drop === 'newest') {
    return { kept: { state: { ...state, messages: state.messages.slice(0, keep) }, isAtEnd: false }, lost: true }
  }
  const messages = state.messages.slice(-keep)
  return { kept: { state: { ...state, messages, messagesFromSeq: messages[0]?.seq ?? 0 }, isAtEnd }, lost: true }
}
