import { describe, expect, test } from 'vitest'
import type { OutboxEntry } from '../../client/outbox/outbox-entry.ts'
import type { Message, User } from '../../shared/index.ts'
import type { RoomChange } from '../../web/src/timeline/timeline-change.ts'
import { EntryMaker, type Row, toRows } from '../../web/src/timeline/timeline-rows.ts'

const alice: User = { id: 'alice', name: 'Alice', pictureUrl: null, lastSeenAt: null, meta: {} }

const message = (seq: number, senderId: string, createdAt: Date): Message => ({
  id: `message-${seq}`,
  roomId: 'room',
  seq,
  changedSeq: seq,
  ordinal: seq,
  senderId,
  sender: { id: senderId, name: senderId, pictureUrl: null },
  isOnBehalf: false,
  clientId: `client-${seq}`,
  kind: 'text',
  content: `Number ${seq}`,
  replyToId: null,
  forwardedFrom: null,
  threadId: null,
  thread: null,
  mentions: [],
  mentionsRoom: false,
  reactions: [],
  attachments: [],
  pinnedAt: null,
  createdAt,
  editedAt: null,
  deletedAt: null,
  meta: {},
})

const waiting = (clientId: string, phase: OutboxEntry['phase']): OutboxEntry => ({
  clientId,
  roomId: 'room',
  message: { content: 'On its way' },
  writtenAt: at(2, 9, 30).getTime(),
  phase,
  failure: null,
  seq: 0,
  heldUntil: 0,
})

const at = (day: number, hour: number, minute: number) => new Date(2026, 2, day, hour, minute)

const outline = (rows: readonly Row[]) =>
  rows.map((row) => (row.type === 'message' ? `${row.startsGroup ? 'first' : 'next'} ${row.entry.content}` : row.type))

describe('the rows of a timeline', () => {
  test('days part, five minutes or another sender begin a group', () => {
    const messages = [
      message(1, 'bob', at(1, 22, 0)),
      message(2, 'bob', at(1, 22, 4)),
      message(3, 'bob', at(1, 22, 10)),
      message(4, 'alice', at(1, 22, 11)),
      message(5, 'alice', at(2, 9, 0)),
    ]
    const rows = toRows(new EntryMaker().entries(messages, [], alice), Number.POSITIVE_INFINITY, 'alice')
    expect(outline(rows)).toEqual([
      'day',
      'first Number 1',
      'next Number 2',
      'first Number 3',
      'first Number 4',
      'day',
      'first Number 5',
    ])
  })

  test('the line "New" stands once, before the first that others wrote after what was read', () => {
    const messages = [1, 2, 3, 4].map((seq) => message(seq, seq === 2 ? 'alice' : 'bob', at(1, 9, seq)))
    const entries = new EntryMaker().entries(messages, [], alice)
    expect(outline(toRows(entries, 1, 'alice'))).toEqual([
      'day',
      'first Number 1',
      'first Number 2',
      'new',
      'first Number 3',
      'next Number 4',
    ])
    expect(outline(toRows(entries, 0, 'alice'))).not.toContain('new')
  })

  test('what else happened stands at its place in the log, shares a row with its like, and begins a group after it', () => {
    const entries = new EntryMaker().entries(
      [message(2, 'bob', at(1, 9, 0)), message(5, 'bob', at(1, 9, 1))],
      [waiting('client-9', 'waiting')],
      alice,
    )
    const joined = (seq: number): RoomChange => {
      const user = { id: `user-${seq}`, name: `User ${seq}`, pictureUrl: null }
      return { key: `joined ${seq}`, seq, at: at(1, 9, 0), what: 'joined', user }
    }
    const renamed: RoomChange = { key: 'renamed 6', seq: 6, at: at(2, 8, 0), what: 'renamed', name: 'Garden' }
    const rows = toRows(entries, Number.POSITIVE_INFINITY, 'alice', [joined(3), joined(4), renamed])
    expect(outline(rows)).toEqual([
      'day',
      'first Number 2',
      'change',
      'first Number 5',
      'day',
      'change',
      'first On its way',
    ])
    expect(rows.flatMap((row) => (row.type === 'change' ? [row.changes.length] : []))).toEqual([2, 1])
  })

  test('a message on its way stands last, and is there once when the room has it', () => {
    const maker = new EntryMaker()
    const before = [message(1, 'bob', at(2, 9, 29))]
    const outbox = [waiting('client-2', 'sending')]
    const sending = maker.entries(before, outbox, alice)
    expect(sending.map(({ content, phase }) => [content, phase])).toEqual([
      ['Number 1', 'sent'],
      ['On its way', 'sending'],
    ])
    const after = maker.entries([...before, message(2, 'alice', at(2, 9, 30))], outbox, alice)
    expect(after.map(({ key }) => key)).toEqual(sending.map(({ key }) => key))
    expect(after[0]).toBe(sending[0])
  })
})
