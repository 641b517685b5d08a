import type { OutboxEntry } from '../../../client/client-entry.ts'
import type { Message, User, UserSummary } from '../../../shared/index.ts'
import { failureSentence } from '../ui/error-sentence.ts'
import { isSameDay } from '../ui/times.ts'
import type { RoomChange } from './timeline-change.ts'

/** A message in the timeline, confirmed by the room or still being sent. */
export interface Entry {
  /** Stays the same from sending to the last edit. */
  key: string
  clientId: string
  sender: UserSummary
  content: string
  mentions: readonly string[]
  mentionsRoom: boolean
  replyToId: string | null
  at: Date
  phase: 'sending' | 'sent' | 'failed'
  /** The room's own row, once it exists. */
  message: Message | undefined
  /** In `sending`: the end of the wait that the server asked for, in milliseconds since 1970; 0 if there is none. */
  heldUntil: number
  /** In `failed`: the reason. */
  sentence: string
}

export type Row =
  | { type: 'day'; key: string; at: Date }
  | { type: 'new'; key: string }
  | { type: 'change'; key: string; changes: readonly RoomChange[] }
  | { type: 'message'; key: string; entry: Entry; startsGroup: boolean }

const GROUP_GAP_MS = 5 * 60_000

const keyOf = (senderId: string, clientId: string) => `${senderId} ${clientId}`

/**
 * Makes entries of the room's messages, followed by the viewer's outgoing messages that the room does not show yet. A message
 * that has not changed keeps its entry: the same object means the same display.
 */
export class EntryMaker {
  readonly #known = new WeakMap<Message, Entry>()

  entries(messages: readonly Message[], outbox: readonly OutboxEntry[], viewer: User): Entry[] {
    const shown = messages.map((message) => this.#entryOf(message))
    const keys = new Set(shown.map(({ key }) => key))
    const waiting = outbox.map((waiting) => waitingEntry(waiting, viewer)).filter(({ key }) => !keys.has(key))
    return [...shown, ...waiting]
  }

  #entryOf(message: Message): Entry {
    const known = this.#known.get(message)
    if (known) return known
    const { senderId, clientId, sender, content, mentions, mentionsRoom, replyToId, createdAt: at } = message
    const key = keyOf(senderId, clientId)
    const said = { clientId, sender, content, mentions, mentionsRoom, replyToId, at }
    const entry: Entry = { key, ...said, phase: 'sent', heldUntil: 0, message, sentence: '' }
    this.#known.set(message, entry)
    return entry
  }
}

function waitingEntry({ clientId, message, writtenAt, phase, heldUntil, failure }: OutboxEntry, sender: User): Entry {
  return {
    key: keyOf(sender.id, clientId),
    clientId,
    sender,
    content: message.content,
    mentions: message.mentions ?? [],
    mentionsRoom: message.mentionsRoom ?? false,
    replyToId: message.replyToId ?? null,
    at: new Date(writtenAt),
    phase: phase === 'waiting' ? 'sending' : phase,
    heldUntil,
    message: undefined,
    sentence: failure ? failureSentence(failure) : '',
  }
}

/** True if the unread messages begin before the first of these. */
export const beginsUnread = (entries: readonly Entry[], readSeq: number): boolean =>
  (entries[0]?.message?.seq ?? 0) > readSeq

/**
 * Entries with day lines, the unread line, the beginnings of groups, and other changes of the room at their positions in the
 * log. Successive changes of the same kind share a row.
 */
export function toRows(
  entries: readonly Entry[],
  readSeq: number,
  viewerId: string,
  changes: readonly RoomChange[] = [],
  lineMayBeFirst = false,
): Row[] {
  const rows: Row[] = []
  let previous: Entry | undefined
  let lastAt: Date | undefined
  let isPastLine = false

  const startDay = (at: Date, key: string) => {
    const isNewDay = !lastAt || !isSameDay(lastAt, at)
    if (isNewDay) rows.push({ type: 'day', key: `day ${at.toDateString()} ${key}`, at })
    lastAt = at
    return isNewDay
  }
  const pushChange = (change: RoomChange) => {
    const isNewDay = startDay(change.at, change.key)
    const last = rows.at(-1)
    if (!isNewDay && last?.type === 'change' && areAlike(last.changes[0], change)) {
      rows[rows.length - 1] = { ...last, changes: [...last.changes, change] }
    } else rows.push({ type: 'change', key: change.key, changes: [change] })
  }
  const pushEntry = (entry: Entry) => {
    const isNewDay = startDay(entry.at, entry.key)
    // If even the oldest loaded message is unread, the line is further back, if anywhere.
    const isFirstNew: boolean = !isPastLine && isUnread(entry, readSeq, viewerId)
    const hasLine = isFirstNew && (previous !== undefined || lineMayBeFirst)
    isPastLine ||= isFirstNew
    if (hasLine) rows.push({ type: 'new', key: 'new' })
    const startsGroup = isNewDay || rows.at(-1)?.type !== 'message' || !previous || !belongTogether(previous, entry)
    rows.push({ type: 'message', key: entry.key, entry, startsGroup })
    previous = entry
  }

  let next = 0
  for (const entry of entries) {
    // Outgoing messages have no position in the log yet, and come last.
    const seq = entry.message?.seq ?? Number.POSITIVE_INFINITY
    for (let change = changes[next]; change && change.seq < seq; change = changes[++next]) pushChange(change)
    pushEntry(entry)
  }
  for (const change of changes.slice(next)) pushChange(change)
  return rows
}

const areAlike = (first: RoomChange | undefined, next: RoomChange) =>
  first?.what === next.what && (next.what === 'joined' || next.what === 'left')

const isUnread = ({ message, sender }: Entry, readSeq: number, viewerId: string) =>
  message !== undefined && message.seq > readSeq && sender.id !== viewerId

const belongTogether = (a: Entry, b: Entry) =>
  a.sender.id === b.sender.id &&
  b.at.getTime() - a.at.getTime() < GROUP_GAP_MS &&
  a.message?.kind !== 'system' &&
  b.message?.kind !== 'system' &&
  // A reply shows its quote above itself, and needs its sender there.
  b.replyToId === null
