import { describe, expect, test } from 'vitest'
import type { RoomEvent } from '../../shared/index.ts'
import { EventLog } from '../support/event-log.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const SECRET = 'before the newcomer'

async function groupOf(...names: string[]): Promise<string> {
  for (const name of names) await server.caller(name).auth.me()
  const [owner = '', ...memberIds] = names
  return (await server.caller(owner).room.create({ kind: 'group', name: 'Engine room', memberIds })).id
}

const say = (userId: string, roomId: string, content: string, replyToId?: string) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content, ...(replyToId ? { replyToId } : {}) })

/** The room's position with another seq. */
async function positionAt(roomId: string, seq: number): Promise<string> {
  const { position } = await server.caller('host', { role: 'service' }).room.changes({ roomId })
  return position.replace(/\d+$/, String(seq))
}

/** What a member gets of the messages by each call that shows some. */
async function everythingShown(userId: string, roomId: string): Promise<Record<string, string[]>> {
  const caller = server.caller(userId)
  const contents = (messages: { content: string }[]) => messages.map(({ content }) => content)
  const created = (events: RoomEvent[]) => events.flatMap((event) => ('message' in event ? [event.message] : []))
  const { items } = await caller.message.list({ roomId })
  const [latest] = items
  const after = await positionAt(roomId, 0)
  const synced = (await caller.room.sync({ positions: { [roomId]: after } }))[roomId]
  const mine = (await caller.room.list()).items.find((room) => room.id === roomId)
  return {
    'message.list': contents(items).toReversed(),
    'message.list newer': contents((await caller.message.list({ roomId, direction: 'newer' })).items),
    'message.around': latest ? contents((await caller.message.around({ roomId, messageId: latest.id })).items) : [],
    'room.snapshot': contents((await caller.room.snapshot({ roomId })).messages),
    'room.changes': contents(created((await caller.room.changes({ roomId, after })).events)),
    'room.sync': contents(created(synced && 'events' in synced ? synced.events : [])),
    'room.list': mine?.lastMessage ? [mine.lastMessage.content] : [],
  }
}

const allShow = (contents: string[]) => ({
  'message.list': contents,
  'message.list newer': contents,
  'message.around': contents,
  'room.snapshot': contents,
  'room.changes': contents,
  'room.sync': contents,
  'room.list': contents.slice(-1),
})

describe('history from joining on', () => {
  test('shows newcomers nothing from before, by whichever call; those who were there keep what they see', async () => {
    const roomId = await groupOf('ada', 'ben')
    await server.caller('cleo').auth.me()
    const early = await say('ada', roomId, SECRET)
    await server.caller('ada').message.edit({ roomId, messageId: early.id, content: `edited, ${SECRET}` })
    await server.caller('ada').room.update({ roomId, historyVisibility: 'joined' })
    await server.caller('ada').member.add({ roomId, userIds: ['cleo'] })
    const cleo = server.caller('cleo')
    const room = await cleo.room.get({ roomId })
    expect(room).toMatchObject({ historyVisibility: 'joined', viewer: { unread: 0, visibleFromSeq: room.lastSeq } })
    expect(await everythingShown('cleo', roomId)).toEqual(allShow([]))
    await say('ada', roomId, 'Welcome')
    await say('ben', roomId, 'Hello')
    expect(await everythingShown('cleo', roomId)).toEqual(allShow(['Welcome', 'Hello']))
    expect((await cleo.room.get({ roomId })).viewer.unread).toBe(2)
    expect(await everythingShown('ben', roomId)).toEqual(allShow([`edited, ${SECRET}`, 'Welcome', 'Hello']))

    const target = { roomId, messageId: early.id }
    const calls = [
      () => cleo.message.get(target),
      () => cleo.message.around(target),
      () => cleo.message.versions(target),
      () => cleo.message.edit({ ...target, content: 'Mine now' }),
      () => cleo.message.delete(target),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await expect(say('cleo', roomId, 'What was that?', early.id)).rejects.toMatchObject({ reason: 'INVALID_INPUT' })
  })

  test('tells newcomers that something older changed, and not what, live and from the log alike', async () => {
    const roomId = await groupOf('ada')
    await server.caller('dov').auth.me()
    const { id: messageId } = await say('ada', roomId, SECRET)
    await server.caller('ada').room.update({ roomId, historyVisibility: 'joined' })
    await server.caller('ada').member.add({ roomId, userIds: ['dov'] })
    const dov = await server.connect('dov')
    const { position } = await dov.room.snapshot.query({ roomId })
    const log = await new EventLog(dov, roomId, position).until(({ events }) => events.length === 1)
    await server.caller('ada').message.edit({ roomId, messageId, content: `edited, ${SECRET}` })
    await server.caller('ada').message.delete({ roomId, messageId })
    await say('ada', roomId, 'Welcome')
    await log.until(({ contents }) => contents.length === 1)
    expect(log.events.map((event) => event.type)).toEqual(['ready', 'hidden', 'hidden', 'message.created'])
    const { events } = await dov.room.changes.query({ roomId, after: position })
    expect(events.map((event) => event.type)).toEqual(['hidden', 'message.created'])
    const resumed = await new EventLog(dov, roomId, await positionAt(roomId, 0)).until(
      ({ contents }) => contents.length > 0,
    )
    expect(resumed.contents).toEqual(['Welcome'])
    for (const told of [log.events, events, resumed.events]) expect(JSON.stringify(told)).not.toContain(SECRET)
    log.stop()
    resumed.stop()
  })

  test('gives who comes back a new window: neither what was before nor what happened meanwhile', async () => {
    const roomId = await groupOf('ada', 'eve')
    const own = await say('eve', roomId, 'Eve was here')
    const { position } = await server.caller('eve').room.changes({ roomId })
    await server.caller('ada').room.update({ roomId, historyVisibility: 'joined' })
    await server.caller('eve').room.leave({ roomId })
    await say('ada', roomId, 'While she was away')
    await server.caller('ada').member.add({ roomId, userIds: ['eve'] })
    await say('ada', roomId, 'Welcome back')
    const eve = server.caller('eve')
    const { items } = await eve.message.list({ roomId })
    expect(items.map(({ content }) => content)).toEqual(['Welcome back'])
    expect((await eve.room.get({ roomId })).viewer.unread).toBe(1)
    await expect(eve.message.get({ roomId, messageId: own.id })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    // What she knew before she left is no basis to go on from.
    expect((await eve.room.changes({ roomId, after: position })).events).toMatchObject([
      { type: 'reset', reason: 'too-old' },
    ])
    expect(await eve.room.sync({ positions: { [roomId]: position } })).toEqual({ [roomId]: { reset: 'too-old' } })
    const client = await server.connect('eve')
    const log = await new EventLog(client, roomId, position).until(({ events }) => events.length === 2)
    expect(log.events).toMatchObject([{ type: 'ready' }, { type: 'reset', reason: 'too-old' }])
    log.stop()
  })

  test('ends for those who join after it was opened to all; and a room opened shows no more to who was there', async () => {
    const roomId = await groupOf('ada')
    for (const name of ['fay', 'gil']) await server.caller(name).auth.me()
    const ada = server.caller('ada')
    await say('ada', roomId, 'First')
    await ada.room.update({ roomId, historyVisibility: 'joined' })
    await ada.member.add({ roomId, userIds: ['fay'] })
    await say('ada', roomId, 'Second')
    await ada.room.update({ roomId, historyVisibility: 'all' })
    await ada.member.add({ roomId, userIds: ['gil'] })
    expect(await everythingShown('gil', roomId)).toEqual(allShow(['First', 'Second']))
    expect(await everythingShown('fay', roomId)).toEqual(allShow(['Second']))
    await server.caller('fay').room.leave({ roomId })
    await ada.member.add({ roomId, userIds: ['fay'] })
    const shown = await everythingShown('fay', roomId)
    expect(shown['message.list']).toEqual(['First', 'Second'])
  })

  test('counts from the joining itself, however joining, changing and sending race', async () => {
    for (let round = 0; round < 8; round++) {
      const roomId = await groupOf('ada', 'ben')
      await server.caller('hal').auth.me()
      const ada = server.caller('ada')
      await Promise.all([
        ada.room.update({ roomId, historyVisibility: 'joined' }),
        ...Array.from({ length: 4 }, (_, index) => say('ben', roomId, `Number ${index}`)),
        ada.member.add({ roomId, userIds: ['hal'] }),
      ])
      const { viewer } = await server.caller('hal').room.get({ roomId })
      const all = (await ada.message.list({ roomId })).items
      const shown = (await server.caller('hal').message.list({ roomId })).items
      expect(shown).toEqual(all.filter((message) => message.seq >= viewer.visibleFromSeq))
      const { members } = await ada.room.snapshot({ roomId })
      const joinedSeq = members.find((member) => member.userId === 'hal')?.joinedSeq
      expect([0, joinedSeq]).toContain(viewer.visibleFromSeq)
    }
  })
})
