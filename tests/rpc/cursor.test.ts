import { hash } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { InstallationKeys } from '../../server/db/installation-keys.ts'
import { CursorSigner } from '../../server/rpc/cursor.ts'
import { LIMITS } from '../../shared/limits.ts'
import type { Page } from '../../shared/page.ts'
import { useTestApp } from '../support/test-app.ts'
import { buildWorld, type World } from './authorization-world.ts'
import { type Attempt, notRefused } from './refusal.ts'

const server = useTestApp()
let world: World

beforeAll(async () => {
  world = await buildWorld(server)
  await as('owner').room.create({ kind: 'channel', name: 'Another channel' })
})

const as = (userId: string) => server.caller(userId, { tenant: world.tenant })

const one = { limit: 1 }
const group = () => ({ roomId: world.places.group.roomId, ...one })
const second = () => ({ roomId: world.places.second.roomId, ...one })
const cursorOf = async (page: Promise<Page<unknown>>): Promise<string> => {
  const { nextCursor } = await page
  if (nextCursor === null) throw new Error('The page has no cursor')
  return nextCursor
}

/** One that this very server signed, with whatever key. */
const signed = (scope: string, key: (string | number)[], list: (cursor: string) => Promise<unknown>): Attempt => [
  `${scope} ${JSON.stringify(key)}`,
  () => list(server.app.services.cursors.encode(scope, key)),
]

describe('cursors', () => {
  test('a cursor of another list is refused', async () => {
    const owner = as('owner')
    const ofMessages = await cursorOf(owner.message.list(group()))
    const ofMembers = await cursorOf(owner.member.list(group()))
    const ofRooms = await cursorOf(owner.room.list(one))
    const ofUsers = await cursorOf(owner.user.list(one))
    const ofChannels = await cursorOf(owner.room.discover(one))
    const foreign: Attempt[] = [
      ['of another room', () => owner.message.list({ ...second(), cursor: ofMessages })],
      ['of the other direction', () => owner.message.list({ ...group(), direction: 'newer', cursor: ofMessages })],
      ['of members', () => owner.message.list({ ...group(), cursor: ofMembers })],
      ['of messages', () => owner.member.list({ ...group(), cursor: ofMessages })],
      ['of members of another room', () => owner.member.list({ ...second(), cursor: ofMembers })],
      ["of somebody else's rooms", () => as('admin').room.list({ cursor: ofRooms })],
      ['of rooms that are not archived', () => owner.room.list({ archived: true, cursor: ofRooms })],
      ['of users', () => owner.room.list({ cursor: ofUsers })],
      ['of another search', () => owner.user.list({ query: 'a', cursor: ofUsers })],
      ['of another tenant', () => server.caller('owner').user.list({ cursor: ofUsers })],
      ['of another search of channels', () => owner.room.discover({ query: 'a', cursor: ofChannels })],
    ]
    expect(await notRefused('cursor', foreign)).toEqual([])
  })

  test('a changed cursor is refused', async () => {
    const cursor = await cursorOf(as('owner').message.list(group()))
    const changed = [`x${cursor}`, `${cursor}x`, cursor.slice(1), cursor.slice(0, -1), cursor.replace('.', '')]
    const attempts = changed.map(
      (text): Attempt => [text, () => as('owner').message.list({ ...group(), cursor: text })],
    )
    expect(await notRefused('cursor', attempts)).toEqual([])
  })

  test('a cursor that a client made up is refused, whatever it knows of the server', async () => {
    const owner = as('owner')
    // As servers made them once, with a check that everybody can compute.
    const unkeyed = (scope: string, key: unknown[]) => {
      const body = Buffer.from(JSON.stringify(key)).toString('base64url')
      return `${body}.${hash('sha256', `${scope}\n${body}`, 'hex').slice(0, 12)}`
    }
    const { roomId } = world.places.group
    const rooms = `room.list/${world.tenant}/owner/false/false`
    // Beyond what the list's column can hold.
    const tooMuch = unkeyed(rooms, [Number.MAX_SAFE_INTEGER, 0, roomId])
    const genuine = await cursorOf(owner.room.list(one))
    const [body = '', signature = ''] = genuine.split('.')
    const attempts: Attempt[] = [
      ['beyond the column', () => owner.room.list({ cursor: tooMuch })],
      ['unkeyed', () => owner.room.list({ cursor: unkeyed(rooms, [0, 0, roomId]) })],
      [
        'of another body',
        () => owner.room.list({ cursor: `${Buffer.from('[0]').toString('base64url')}.${signature}` }),
      ],
      ['with something in between', () => owner.room.list({ cursor: `${body}.x.${signature}` })],
      ['with a tail', () => owner.room.list({ cursor: `${genuine}.x` })],
      ['without a signature', () => owner.room.list({ cursor: `${body}.` })],
      ['of an unknown key', () => owner.room.list({ cursor: `${body}.${'A'.repeat(28)}` })],
    ]
    expect(await notRefused('cursor', attempts)).toEqual([])
  })

  test('a cursor outlives one rotation of the key, and not a second', async () => {
    const { database } = server.app.services
    const keys = new InstallationKeys(database)
    const rotate = async () => {
      await sql`update secrets set created_at = created_at - interval '2 minutes'`.execute(database.db)
      expect(await keys.rotate('cursor')).toBe(true)
    }
    const next = (cursor: string) => as('owner').message.list({ ...group(), cursor })
    const cursor = await cursorOf(as('owner').message.list(group()))
    const { items } = await next(cursor)
    await rotate()
    expect((await next(cursor)).items).toEqual(items)
    await rotate()
    // This server has not met the newest key yet, and does now.
    const scope = `message.list/older/${world.places.group.roomId}`
    await next(new CursorSigner(keys).encode(scope, [items[0]?.seq ?? 0]))
    expect(await notRefused('cursor', [['of a key that is gone', () => next(cursor)]])).toEqual([])
    await next(await cursorOf(as('owner').message.list(group())))
  })

  test('a key that is no place in the list is refused, also where it is signed', async () => {
    const owner = as('owner')
    const { tenant } = world
    const { roomId } = world.places.group
    const messages = (cursor: string) => owner.message.list({ roomId, cursor })
    const members = (cursor: string) => owner.member.list({ roomId, cursor })
    const rooms = (cursor: string) => owner.room.list({ cursor })
    const attempts = [
      signed(`message.list/older/${roomId}`, [1.5], messages),
      signed(`message.list/older/${roomId}`, [1e300], messages),
      signed(`member.list/${roomId}`, [1.5], members),
      signed(`member.list/${roomId}`, [2 ** 63], members),
      signed(`room.list/${tenant}/owner/false/false`, [0, 0, 'no uuid'], rooms),
      signed(`room.list/${tenant}/owner/false/false`, [0, 1e300, roomId], rooms),
      signed(`room.discover/${tenant}/`, ['a', 'no uuid'], (cursor) => owner.room.discover({ cursor })),
      signed(`room.discover/${tenant}/`, ['\0', roomId], (cursor) => owner.room.discover({ cursor })),
      signed(`user.list/${tenant}/`, ['\0', 'a'], (cursor) => owner.user.list({ cursor })),
    ]
    expect(await notRefused('cursor', attempts)).toEqual([])
  })

  test('a cursor that the server gave is taken, however long the names in it', async () => {
    const host = server.caller('host', { role: 'service', tenant: 'long-names' })
    const name = '字'.repeat(LIMITS.name - 1)
    for (const last of ['a', 'b']) {
      await host.user.upsert({ id: '字'.repeat(LIMITS.userId - 1) + last, name: name + last })
      await host.room.create({ kind: 'channel', name: name + last, ownerId: '字'.repeat(LIMITS.userId - 1) + last })
    }
    const users = { query: '字', ...one }
    const nextUsers = await host.user.list({ ...users, cursor: await cursorOf(host.user.list(users)) })
    expect(nextUsers.items).toMatchObject([{ name: `${name}b` }])
    for (const page of [host.user.list(users), host.room.discover(one)]) {
      expect((await cursorOf(page)).length).toBeLessThanOrEqual(LIMITS.cursor)
    }
    const nextRooms = await host.room.discover({ ...one, cursor: await cursorOf(host.room.discover(one)) })
    expect(nextRooms.items).toMatchObject([{ name: `${name}b` }])
  })
})
