import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import type { CursorKind } from '../../server/rpc/cursor.ts'
import type { Page } from '../../shared/page.ts'
import { newId, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { inputFields } from './bad-input.ts'
import { procedures } from './call-by-path.ts'

type Caller = ReturnType<App['createCaller']>
type List = (owner: Caller, place: { cursor?: string; limit: number }) => Promise<Page<unknown>>

const OTHERS = ['ben', 'cleo', 'dan', 'eve']
let database: TestDatabase
let [roomId, firstId]: string[] = []
/** It is stopped before any of its cursors is shown to another. */
let first: App
let nodes: App[] = []

const build = () => createApp({ databaseUrl: database.url, port: 0, authSecret: TEST_SECRET, logLevel: 'silent' })
const inRoom = () => ({ roomId: `${roomId}` })

/** Every list has at least four items for the owner. */
const LISTS: Record<string, List> = {
  'audit.list': (owner, page) => owner.audit.list({ ...inRoom(), ...page }),
  'draft.list': (owner, page) => owner.draft.list(page),
  'invite.list': (owner, page) => owner.invite.list({ ...inRoom(), ...page }),
  'member.banned': (owner, page) => owner.member.banned({ ...inRoom(), ...page }),
  'member.list': (owner, page) => owner.member.list({ ...inRoom(), ...page }),
  'message.hidden': (owner, page) => owner.message.hidden({ ...inRoom(), ...page }),
  'message.list': (owner, page) => owner.message.list({ ...inRoom(), ...page }),
  'message.pinned': (owner, page) => owner.message.pinned({ ...inRoom(), ...page }),
  'message.search': (owner, page) => owner.message.search({ query: 'tide', ...page }),
  'message.thread': (owner, page) => owner.message.thread({ ...inRoom(), threadId: `${firstId}`, ...page }),
  'reaction.list': (owner, page) => owner.reaction.list({ ...inRoom(), messageId: `${firstId}`, ...page }),
  'receipt.list': (owner, page) => owner.receipt.list({ ...inRoom(), ...page }),
  'report.list': (owner, page) => owner.report.list({ ...inRoom(), ...page }),
  'room.discover': (owner, page) => owner.room.discover(page),
  'room.list': (owner, page) => owner.room.list(page),
  'schedule.list': (owner, page) => owner.schedule.list(page),
  'thread.list': (owner, page) => owner.thread.list(page),
  'user.blocked': (owner, page) => owner.user.blocked(page),
  'user.list': (owner, page) => owner.user.list(page),
}

/** What a cursor of each list is signed for, and what it holds. Clients keep cursors over an upgrade: neither changes. */
const CURSORS: Record<string, { scope: () => string; kinds: CursorKind[] }> = {
  'audit.list': { scope: () => `audit.list/default/${roomId}//`, kinds: ['micros', 'uuid'] },
  'draft.list': { scope: () => 'draft.list/["default","ada"]', kinds: ['time', 'uuid', 'text'] },
  'invite.list': { scope: () => `invite.list/${roomId}`, kinds: ['uuid'] },
  'member.banned': { scope: () => `member.banned/${roomId}`, kinds: ['time', 'text'] },
  'member.list': { scope: () => `member.list/${roomId}`, kinds: ['seq'] },
  'message.hidden': { scope: () => `message.hidden/${roomId}/ada`, kinds: ['seq'] },
  'message.list': { scope: () => `message.list/older/${roomId}`, kinds: ['seq'] },
  'message.pinned': { scope: () => `message.pinned/${roomId}`, kinds: ['time', 'seq'] },
  'message.search': {
    scope: () => 'message.search/["default","ada","tide",null,null,null,null]',
    kinds: ['time', 'time', 'uuid', 'time', 'uuid', 'seq', 'time', 'uuid'],
  },
  'message.thread': { scope: () => `message.thread/newer/${roomId}/${firstId}`, kinds: ['seq'] },
  'reaction.list': { scope: () => `reaction.list/${roomId}/${firstId}/`, kinds: ['text', 'seq'] },
  'receipt.list': { scope: () => `receipt.list/${roomId}`, kinds: ['seq'] },
  'report.list': { scope: () => `report.list/default/${roomId}/`, kinds: ['uuid'] },
  'room.discover': { scope: () => 'room.discover/default/', kinds: ['text', 'uuid'] },
  'room.list': { scope: () => 'room.list/default/ada/false/false', kinds: ['seq', 'time', 'uuid'] },
  'schedule.list': { scope: () => 'schedule.list/["default","ada",null]', kinds: ['time', 'uuid'] },
  'thread.list': { scope: () => 'thread.list/default/ada', kinds: ['time', 'uuid'] },
  'user.blocked': { scope: () => 'user.blocked/default/ada', kinds: ['time', 'text'] },
  'user.list': { scope: () => 'user.list/default/', kinds: ['text', 'text'] },
}

const owner = (app: App) => app.createCaller({ userId: 'ada' })

async function furnish(): Promise<void> {
  const ada = owner(first)
  const as = (userId: string) => first.createCaller({ userId })
  for (const userId of [...OTHERS, ...OTHERS.map((name) => `banned-${name}`)]) await as(userId).auth.me()
  const room = await ada.room.create({ kind: 'channel', name: 'Harbour', memberIds: OTHERS })
  roomId = room.id
  const place = { roomId: room.id }
  for (const [index, userId] of OTHERS.entries()) {
    const other = await ada.room.create({ kind: 'channel', name: `Berth ${index}` })
    const message = await as(userId).message.send({ ...place, clientId: newId(), content: `Tide ${index}` })
    const target = { ...place, messageId: message.id }
    firstId ??= message.id
    await ada.draft.set({ roomId: other.id, content: 'Soon' })
    await ada.invite.create(place)
    await as(`banned-${userId}`).room.join(place)
    await ada.member.ban({ ...place, userId: `banned-${userId}` })
    await ada.message.pin(target)
    await as(userId).reaction.add({ ...place, messageId: firstId, emoji: '⚓' })
    await ada.message.send({ ...place, clientId: newId(), content: 'Aye', threadId: firstId })
    if (message.id !== firstId)
      await ada.message.send({ ...place, clientId: newId(), content: 'Aye', threadId: message.id })
    await as(userId === 'ben' ? 'cleo' : 'ben').report.create({ ...target, reason: 'spam' })
    const sendAt = new Date(Date.now() + 3_600_000 * (index + 1))
    await ada.schedule.create({ ...place, clientId: newId(), content: 'Later', sendAt })
    await ada.user.block({ userId: `banned-${userId}` })
    const spare = await ada.message.send({ ...place, clientId: newId(), content: 'Never mind' })
    await ada.message.hide({ ...place, messageId: spare.id })
  }
  while ((await ada.message.search({ query: 'tide' })).items.length < OTHERS.length)
    await first.services.searchIndexer.settled()
}

beforeAll(async () => {
  database = await createTestDatabase()
  first = build()
  await furnish()
  nodes = [build(), build()]
}, 60_000)

afterAll(async () => {
  await Promise.all([first, ...nodes].map((app) => app.stop()))
  await database.drop()
})

describe('a list', () => {
  test('that is paged is known here', () => {
    const paged = Object.keys(procedures).filter((path) =>
      inputFields(path)?.fields.some(({ name }) => name === 'cursor'),
    )
    expect(Object.keys(LISTS)).toEqual(paged.sort())
  })

  test('gives cursors of one scope and one key', async () => {
    for (const [path, list] of Object.entries(LISTS)) {
      const { nextCursor } = await list(owner(first), { limit: 1 })
      const { scope, kinds } = CURSORS[path] ?? { scope: () => '', kinds: [] }
      const key = await first.services.cursors.decode(scope(), `${nextCursor}`, kinds)
      expect(key, path).toHaveLength(kinds.length)
    }
  })

  test('is read on over two nodes from where a third that was stopped has left off', async () => {
    const whole: Record<string, unknown[]> = {}
    const begun: Record<string, Page<unknown>> = {}
    for (const [path, list] of Object.entries(LISTS)) {
      whole[path] = (await list(owner(first), { limit: 100 })).items
      begun[path] = await list(owner(first), { limit: 1 })
    }
    await first.stop()
    for (const [path, list] of Object.entries(LISTS)) {
      let page = begun[path] ?? { items: [], nextCursor: null }
      const read = [...page.items]
      for (let turn = 0; page.nextCursor !== null; turn++) {
        const node = nodes[turn % 2]
        if (!node) throw new Error('There are two nodes')
        page = await list(owner(node), { cursor: page.nextCursor, limit: 1 })
        read.push(...page.items)
      }
      expect(read.length, path).toBeGreaterThan(3)
      expect(read, path).toEqual(whole[path])
    }
  }, 60_000)
})
