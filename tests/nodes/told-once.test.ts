import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import type { RoomEvent } from '../../shared/index.ts'
import { newId, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

/*
 * Two nodes that hear of each other by the log alone, and not by the poll: what one writes the other reads when it has something to say
 * itself, several changes of a row as one event. Who has seen the first of them elsewhere must not be told of it as new.
 */

const NEVER_MS = 2 ** 31 - 1

let database: TestDatabase
let [here, there]: App[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  const start = async () => {
    const config = { databaseUrl: database.url, port: 0, authSecret: TEST_SECRET, logLevel: 'silent' as const }
    const app = createApp(config, { reconcileMs: NEVER_MS, feedLingerMs: NEVER_MS })
    await app.start()
    return app
  }
  here = await start()
  there = await start()
})

afterAll(async () => {
  await Promise.all([here?.stop(), there?.stop()])
  await database.drop()
})

const on = (app: App | undefined, userId: string, signal?: AbortSignal) => {
  if (!app) throw new Error('The node is not started')
  return app.createCaller({ userId }, signal ? { signal } : {})
}

/** A room of which the other node has a feed, and the place of somebody who follows it on this one. */
async function followed() {
  for (const userId of ['ada', 'ben', 'cleo']) await on(here, userId).auth.me()
  const { id: roomId } = await on(here, 'ada').room.create({
    kind: 'group',
    name: 'Engine room',
    memberIds: ['ben', 'cleo'],
  })
  await read(there, 'ben', roomId, { count: 1 })
  return roomId
}

/** The next events of a stream, and where they leave off. */
async function read(
  app: App | undefined,
  userId: string,
  roomId: string,
  { count, after }: { count: number; after?: string },
) {
  const ending = new AbortController()
  const found: RoomEvent[] = []
  let position = after ?? ''
  for await (const { id, data: event } of await on(app, userId, ending.signal).room.onEvent({
    roomId,
    lastEventId: after,
  })) {
    position = id
    found.push(event)
    if (found.length === count) break
  }
  ending.abort()
  return { events: found, position }
}

const sayThere = (roomId: string) => on(there, 'ben').message.send({ roomId, clientId: newId(), content: 'And now?' })

describe('who moves to another node', () => {
  test.each([
    [
      'an edit',
      'message.updated',
      (roomId: string, messageId: string) =>
        on(here, 'ada').message.edit({ roomId, messageId, content: 'Steam is up' }),
    ],
    [
      'a deletion',
      'message.deleted',
      (roomId: string, messageId: string) => on(here, 'ada').message.delete({ roomId, messageId }),
    ],
  ])('is told of %s, not of the message once more', async (_change, type, change) => {
    const roomId = await followed()
    const { position: start } = await on(here, 'cleo').room.snapshot({ roomId })
    const message = await on(here, 'ada').message.send({ roomId, clientId: newId(), content: 'Steam is down' })
    const { events, position } = await read(here, 'cleo', roomId, { count: 2, after: start })
    expect(events.map((event) => event.type)).toEqual(['ready', 'message.created'])
    await change(roomId, message.id)
    await sayThere(roomId)

    const moved = await read(there, 'cleo', roomId, { count: 3, after: position })
    expect(moved.events).toMatchObject([
      { type: 'ready' },
      { type, message: { id: message.id } },
      { type: 'message.created', message: { content: 'And now?' } },
    ])
    const anew = await read(there, 'cleo', roomId, { count: 3, after: start })
    expect(anew.events).toMatchObject([
      { type: 'ready' },
      { type: 'message.created', message: { id: message.id } },
      { type: 'message.created', message: { content: 'And now?' } },
    ])
  })

  test('is told of a new role, not of the join once more', async () => {
    const roomId = await followed()
    await on(here, 'dov').auth.me()
    const { position: start } = await on(here, 'cleo').room.snapshot({ roomId })
    await on(here, 'ada').member.add({ roomId, userIds: ['dov'] })
    const { events, position } = await read(here, 'cleo', roomId, { count: 2, after: start })
    expect(events.map((event) => event.type)).toEqual(['ready', 'member.joined'])
    await on(here, 'ada').member.setRole({ roomId, userId: 'dov', role: 'moderator' })
    await sayThere(roomId)

    const moved = await read(there, 'cleo', roomId, { count: 3, after: position })
    expect(moved.events).toMatchObject([
      { type: 'ready' },
      { type: 'member.updated', member: { userId: 'dov' } },
      { type: 'message.created' },
    ])
  })
})
