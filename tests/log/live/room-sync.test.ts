import { Client } from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { applyRoomEvent, createChatClient, LIMITS, type RoomState, type RoomSync } from '../../../shared/index.ts'
import { newId, signToken, useTestApp } from '../../support/test-app.ts'

const server = useTestApp()

async function groupOf(...names: string[]): Promise<string> {
  for (const name of names) await server.caller(name).auth.me()
  const [owner = '', ...memberIds] = names
  return (await server.caller(owner).room.create({ kind: 'group', name: 'Engine room', memberIds })).id
}

const say = (userId: string, roomId: string, content = 'Hello') =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content })

const snapshotOf = (userId: string, roomId: string) =>
  server.caller(userId).room.snapshot({ roomId, messages: LIMITS.page })

const positionsOf = (states: RoomState[]) => Object.fromEntries(states.map(({ room, position }) => [room.id, position]))

const changesIn = (sync: RoomSync | undefined) => {
  if (!sync || !('events' in sync)) throw new Error(`No changes: ${JSON.stringify(sync)}`)
  return sync
}

describe('room.sync', () => {
  test('brings every room up to date, as room.changes would, over a socket', async () => {
    const roomIds = [await groupOf('ada', 'ben'), await groupOf('ada', 'ben'), await groupOf('ada')]
    const [first = '', second = '', third = ''] = roomIds
    const states = await Promise.all(roomIds.map((roomId) => snapshotOf('ada', roomId)))
    const { id: messageId } = await say('ben', first)
    await server.caller('ben').message.edit({ roomId: first, messageId, content: 'Hello, all' })
    await server.caller('ben').room.leave({ roomId: second })
    const ada = await server.connect('ada')
    const answer = await ada.room.sync.query({ positions: positionsOf(states) })
    expect(Object.keys(answer)).toEqual(roomIds)
    expect(answer[third]).toEqual({ events: [], position: states[2]?.position, more: false })
    for (const state of states) {
      const roomId = state.room.id
      const sync = changesIn(answer[roomId])
      expect(sync).toEqual(await ada.room.changes.query({ roomId, after: state.position }))
      expect(sync.events.reduce(applyRoomEvent, state)).toEqual(await snapshotOf('ada', roomId))
    }
  })

  test('answers for each room what keeps it from being brought up to date, and for the others none the less', async () => {
    const [here, left, foreign] = [await groupOf('cleo'), await groupOf('dov', 'cleo'), await groupOf('dov')]
    const { id: channel } = await server.caller('dov').room.create({ kind: 'channel', name: 'Open' })
    const cleo = server.caller('cleo')
    const state = await snapshotOf('cleo', here)
    const position = state.position
    const future = `${position.split('.')[0]}.999999`
    await cleo.room.leave({ roomId: left })
    const unknown = newId()
    const positions = { [left]: position, [foreign]: position, [channel]: position, [unknown]: position }
    await say('cleo', here)
    expect(await cleo.room.sync({ positions: { ...positions, [here]: position } })).toEqual({
      [left]: { refused: 'NOT_FOUND' },
      [foreign]: { refused: 'NOT_FOUND' },
      [channel]: { refused: 'NOT_A_MEMBER' },
      [unknown]: { refused: 'NOT_FOUND' },
      [here]: {
        events: [expect.objectContaining({ type: 'message.created' })],
        position: expect.any(String),
        more: false,
      },
    })
    for (const wrong of [future, '0123456789ab.1']) {
      expect(await cleo.room.sync({ positions: { [here]: wrong } })).toEqual({ [here]: { reset: 'epoch' } })
    }
    await server.caller('dov').member.add({ roomId: left, userIds: ['cleo'] })
    const before = (await server.caller('dov').room.changes({ roomId: left })).position.replace(/\d+$/, '1')
    expect(await cleo.room.sync({ positions: { [left]: before } })).toEqual({ [left]: { reset: 'too-old' } })
    expect(await cleo.room.sync({ positions: {} })).toEqual({})
  })

  test('shows nothing of what came before a member who sees history from joining on', async () => {
    const roomId = await groupOf('ada', 'ben')
    await server.caller('eve').auth.me()
    const { id: messageId } = await say('ada', roomId, 'Before Eve')
    await server.caller('ada').room.update({ roomId, historyVisibility: 'joined' })
    await server.caller('ada').member.add({ roomId, userIds: ['eve'] })
    const { position } = await snapshotOf('eve', roomId)
    await server.caller('ada').message.edit({ roomId, messageId, content: 'Still before Eve' })
    const sync = changesIn((await server.caller('eve').room.sync({ positions: { [roomId]: position } }))[roomId])
    expect(sync.events).toMatchObject([{ type: 'hidden' }])
  })

  test('shares out what a call may hold, and calls that go on reach the end everywhere', async () => {
    const roomIds = await Promise.all(Array.from({ length: 12 }, () => groupOf('fay', 'gil')))
    const [long = '', ...others] = roomIds
    let states = await Promise.all(roomIds.map((roomId) => snapshotOf('gil', roomId)))
    const content = 'x'.repeat(LIMITS.content)
    await Promise.all(Array.from({ length: 60 }, () => say('fay', long)))
    await Promise.all(others.flatMap((roomId) => Array.from({ length: 15 }, () => say('fay', roomId, content))))
    let rounds = 0
    for (let isBehind = true; isBehind; rounds++) {
      const answer = await server.caller('gil').room.sync({ positions: positionsOf(states) })
      const syncs = roomIds.map((roomId) => changesIn(answer[roomId]))
      expect(syncs.flatMap(({ events }) => events).length).toBeGreaterThan(0)
      expect(JSON.stringify(answer).length).toBeLessThan(2 << 20)
      for (const { events } of syncs) expect(events.length).toBeLessThanOrEqual(Math.floor(500 / 12))
      states = states.map((state, index) => (syncs[index]?.events ?? []).reduce(applyRoomEvent, state))
      isBehind = syncs.some(({ more }) => more)
    }
    expect(rounds).toBeGreaterThan(1)
    expect(states).toEqual(await Promise.all(roomIds.map((roomId) => snapshotOf('gil', roomId))))
  })

  test('takes a hundred rooms a call, also over HTTP', async () => {
    const roomId = await groupOf('hal')
    const { position } = await snapshotOf('hal', roomId)
    const others = Array.from({ length: LIMITS.syncRooms - 1 }, () => [newId(), position.replace(/\d+$/, '1000000')])
    const client = createChatClient({ url: server.url, token: await signToken('hal'), calls: 'http' })
    const answer = await client.room.sync.query({ positions: { ...Object.fromEntries(others), [roomId]: position } })
    await client.close()
    expect(Object.keys(answer)).toHaveLength(LIMITS.syncRooms)
    expect(answer[roomId]).toEqual({ events: [], position, more: false })
  })

  test('reads the database as often for fifty rooms as for two', async () => {
    const roomIds = await Promise.all(Array.from({ length: 50 }, () => groupOf('ida', 'jon')))
    const states = await Promise.all(roomIds.map((roomId) => snapshotOf('ida', roomId)))
    await Promise.all(roomIds.map((roomId) => say('jon', roomId)))
    // The search index reads messages, too.
    await expect.poll(() => server.app.services.searchIndexer.waiting).toBe(0)
    const query = vi.spyOn(Client.prototype, 'query')
    const statements = async (count: number) => {
      query.mockClear()
      await server.caller('ida').room.sync({ positions: positionsOf(states.slice(0, count)) })
      // Polls in the background ask for rooms and users alone.
      const calls = query.mock.calls.map((call) => JSON.stringify(call))
      return calls.filter((call) => /members|messages/.test(call)).length
    }
    expect(await statements(2)).toBe(4)
    expect(await statements(50)).toBe(4)
    query.mockRestore()
  })
})
