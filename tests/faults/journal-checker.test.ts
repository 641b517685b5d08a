import { beforeAll, describe, expect, test } from 'vitest'
import { applyRoomEvent, type Message, type RoomState } from '../../shared/index.ts'
import { newId, useTestApp } from '../support/test-app.ts'
import type { Journal, StoredMessage, StoredRoom } from './journal.ts'
import { checkJournals } from './journal-checker.ts'
import { installWitness, readStoredRoom } from './room-witness.ts'

const server = useTestApp()

beforeAll(async () => {
  await server.app.open()
  await installWitness(server.database.url)
  for (const user of ['ada', 'ben']) {
    await server.caller(user).auth.me()
    await server.caller(user).user.update({ name: `default ${user}` })
  }
})

/** What really happened in a small room, as two honest clients would have it in their journals. */
async function honest(): Promise<{ journals: Journal[]; ada: Journal; ben: Journal; room: StoredRoom }> {
  const caller = server.caller('ada')
  const { id: roomId } = await caller.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
  const before = await caller.room.snapshot({ roomId })
  const messages: Message[] = []
  for (const content of ['default/one', 'default/two', 'default/three']) {
    messages.push(await caller.message.send({ roomId, clientId: newId(), content }))
  }
  const { events } = await caller.room.changes({ roomId, after: before.position })
  const fresh = await caller.room.snapshot({ roomId })
  const state = events.reduce<RoomState>(applyRoomEvent, before)
  const journal = (user: string, sends: Journal['sends']): Journal => ({
    tenant: 'default',
    roomId,
    user,
    sends,
    startedAt: before.room.lastSeq,
    events: [...events],
    arrivedAt: events.map(() => 0),
    outages: [],
    state,
    fresh,
    surprises: [],
  })
  const sends = messages.map((acknowledged) => {
    const { clientId, content } = acknowledged
    return { clientId, content, acknowledged: [acknowledged], askedAt: 0, tries: 1 }
  })
  const [ada, ben] = [journal('ada', sends), journal('ben', [])]
  return { journals: [ada, ben], ada, ben, room: await readStoredRoom(server.database.url, 'default', roomId) }
}

type Spoil = (world: { ada: Journal; ben: Journal; room: StoredRoom }) => void

/** The problems after something was spoilt. */
async function problemsAfter(spoil: Spoil): Promise<string> {
  const { journals, ada, ben, room } = await honest()
  spoil({ ada, ben, room })
  return checkJournals(journals, room).join('\n')
}

const change = ({ messages }: StoredRoom, index: number, patch: Partial<StoredMessage>): void => {
  const message = messages[index]
  if (message) messages[index] = { ...message, ...patch }
}

describe('the checker', () => {
  test('finds nothing where nothing is wrong', async () => {
    expect(await problemsAfter(() => undefined)).toBe('')
  })

  test.each<[string, RegExp, Spoil]>([
    ['a lost message', /ada's acknowledged message "default\/three" is lost/, ({ room }) => room.messages.pop()],
    ['another content', /ada's message "default\/one" says "eins"/, ({ room }) => change(room, 0, { content: 'eins' })],
    [
      'two rows for one clientId',
      /clientId ada\/.* has two rows/,
      ({ room }) => change(room, 1, { clientId: room.messages[0]?.clientId ?? '' }),
    ],
    [
      'two messages in one place',
      /seq \d+ has two rows/,
      ({ room }) => change(room, 1, { seq: room.messages[0]?.seq ?? 0 }),
    ],
    [
      'two messages for one send',
      /"default\/one" was acknowledged as two/,
      ({ ada }) => ada.sends[0]?.acknowledged.push(...(ada.sends[1]?.acknowledged ?? [])),
    ],
    ['a hole in the log', /seq \d+ was taken 0 times/, ({ room }) => room.log.pop()],
    ['a place that was taken twice', /seq \d+ was taken 2 times/, ({ room }) => room.log.push(...room.log.slice(-1))],
    [
      'a message of somebody who was out of the room',
      /"default\/two" \(\d+\) is from ada, who was out of the room/,
      ({ room }) => {
        const before = room.log.findIndex(({ id }) => id === room.messages[1]?.id)
        room.log.splice(before, 0, { seq: 0, what: 'member', id: 'ada', isIn: false })
      },
    ],
    [
      'what another tenant said',
      /ben of default was shown/,
      ({ ben }) => {
        ben.state = { ...ben.state, messages: ben.state.messages.map((each) => ({ ...each, content: 'other/one' })) }
      },
    ],
    [
      'two rows in one place of two streams',
      /ben was sent message .* as \d+, others message/,
      ({ ben }) => {
        ben.events = ben.events.map((event) =>
          'message' in event ? { ...event, message: { ...event.message, id: newId() } } : event,
        )
      },
    ],
    ['a hole in the ordinals', /ordinal 3 is 4/, ({ room }) => change(room, 2, { ordinal: 4 })],
    ['a hole in a stream', /ben stood at \d+ and was sent/, ({ ben }) => ben.events.splice(1, 1)],
    ['a message that was never seen', /ben never saw "default\/three"/, ({ ben }) => ben.events.pop()],
    ['a repetition', /ben saw "default\/three" created 2 times/, ({ ben }) => ben.events.push(...ben.events.slice(-1))],
    [
      'another order',
      /ben saw messages out of order/,
      ({ ben }) => ben.events.splice(0, Infinity, ...ben.events.toReversed()),
    ],
    [
      'a reset',
      /ben was reset/,
      ({ ben, room }) => ben.events.push({ type: 'reset', reason: 'too-far', seq: room.lastSeq }),
    ],
    [
      'another folded state',
      /ben has other messages than a snapshot/,
      ({ ben }) => {
        ben.state = { ...ben.state, messages: ben.state.messages.toReversed() }
      },
    ],
    ['a surprise', /ben lost the subscription/, ({ ben }) => ben.surprises.push('lost the subscription')],
  ])('finds %s', async (_name, problem, spoil) => {
    expect(await problemsAfter(spoil)).toMatch(problem)
  })
})
