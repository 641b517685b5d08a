import { describe, expect, test } from 'vitest'
import { applyToEntries, byActivity, mergeEntries, toEntry } from '../../client/inbox/room-entry.ts'
import type { InboxEvent, MyRoom } from '../../shared/index.ts'

const room = (id: string, createdAt: Date): MyRoom => ({
  id,
  kind: 'group',
  name: `Room ${id}`,
  description: '',
  isPrivate: true,
  createdBy: 'alice',
  memberCount: 2,
  position: '000000000000.1',
  lastSeq: 1,
  lastOrdinal: 0,
  historyFromSeq: 0,
  historyVisibility: 'all',
  isLarge: false,
  slowModeSeconds: 0,
  frozenAt: null,
  archivedAt: null,
  createdAt,
  updatedAt: createdAt,
  seq: 1,
  changedSeq: 1,
  meta: {},
  viewer: {
    role: 'member',
    readSeq: 0,
    readOrdinal: 0,
    unreadMarks: 0,
    unread: 0,
    mentions: 0,
    visibleFromSeq: 0,
    settings: { notifications: 'all', isPinned: false, isHidden: false, nickname: null },
  },
  lastMessage: null,
  peer: null,
})

const said = (roomId: string, seq: number, preview: string): InboxEvent => ({
  type: 'message',
  roomId,
  messageId: `${roomId}-${seq}`,
  seq,
  ordinal: seq,
  senderId: 'bob',
  senderName: 'Bob',
  preview,
  mentions: [],
  mentionsRoom: false,
  at: new Date(2026, 2, 1, 10, seq),
  isOnBehalf: false,
})

const rooms = [room('a', new Date(2026, 2, 1, 8)), room('b', new Date(2026, 2, 1, 9))]
const list = byActivity(rooms.map(toEntry))
const outline = (entries: typeof list | ReturnType<typeof applyToEntries>) =>
  entries.map(({ room: { id }, last }) => `${id} ${last?.isDeleted ? 'deleted' : (last?.preview ?? '')}`.trim())

describe('the list of rooms', () => {
  test('a message brings its room to the top; one that comes late or twice changes nothing', () => {
    const after = applyToEntries(list, said('a', 3, 'Third'))
    expect(outline(list)).toEqual(['b', 'a'])
    expect(outline(after)).toEqual(['a Third', 'b'])
    expect(outline(applyToEntries(after, said('a', 3, 'Third')))).toEqual(['a Third', 'b'])
    expect(outline(applyToEntries(after, said('a', 2, 'Second')))).toEqual(['a Third', 'b'])
  })

  test('an edit and a delete show where they concern the newest message', () => {
    const after = applyToEntries(list, said('a', 3, 'Third'))
    const change = { roomId: 'a', messageId: 'a-3', seq: 4, ordinal: 3 }
    expect(outline(applyToEntries(after, { type: 'message.updated', ...change, preview: 'Edited' }))[0]).toBe(
      'a Edited',
    )
    expect(outline(applyToEntries(after, { type: 'message.deleted', ...change, senderId: 'bob' }))[0]).toBe('a deleted')
    const other = { ...change, messageId: 'a-1' }
    expect(outline(applyToEntries(after, { type: 'message.deleted', ...other, senderId: 'bob' }))[0]).toBe('a Third')
  })

  test('a room that is left or archived is gone, a new one is first', () => {
    expect(outline(applyToEntries(list, { type: 'room.removed', roomId: 'b' }))).toEqual(['a'])
    const [first] = rooms
    if (!first) throw new Error('no room')
    expect(outline(applyToEntries(list, { type: 'room.updated', room: { ...first, archivedAt: new Date() } }))).toEqual(
      ['b'],
    )
    expect(outline(applyToEntries(list, { type: 'room.added', room: room('c', new Date(2020, 1, 1)) }))[0]).toBe('c')
  })

  test('an answer that is older than the events since it was asked for takes nothing back', () => {
    const after = applyToEntries(list, said('a', 3, 'Third'))
    expect(outline(byActivity(mergeEntries(after, rooms)))).toEqual(['a Third', 'b'])
  })

  test('a pinned room comes first whatever happens elsewhere, and a hidden one goes', () => {
    const settings = { notifications: 'all', isPinned: true, isHidden: false, nickname: null } as const
    const counts = { unread: 0, mentions: 0, lastSeq: 1, lastOrdinal: 0, readSeq: 1, readOrdinal: 0, unreadMarks: 0 }
    const pinned = applyToEntries(list, { type: 'viewer', roomId: 'a', ...counts, settings })
    expect(outline(applyToEntries(pinned, said('b', 2, 'Hello')))).toEqual(['a', 'b Hello'])
    const event = { type: 'viewer', roomId: 'a', ...counts, settings: { ...settings, isHidden: true } } as const
    expect(outline(applyToEntries(pinned, event))).toEqual(['b'])
  })
})
