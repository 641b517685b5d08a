import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DEFAULT_TUNING } from '../../server/tuning.ts'
import { transformer } from '../../shared/index.ts'
import { EventLog } from '../support/event-log.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'
import { subscription, WirePeer } from '../transport/wire-peer.ts'

const USERS = 3
const CONNECTIONS = 16
const STREAMS = 64
const { perUser } = DEFAULT_TUNING.streams

const server = useTestApp()

/** A connection with as many streams of the room as one can have; resolves with how many began, and why the others did not. */
async function crowdIn(token: string, roomId: string): Promise<{ begun: number; reasons: string[] }> {
  const peer = await WirePeer.connect(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  const input = transformer.input.serialize({ roomId })
  peer.send({ method: 'connectionParams', data: { token } })
  peer.send([...Array(STREAMS).keys()].map((id) => subscription(id, 'room.onEvent', input)))
  const isKnown = (text: string) => text.includes('"type":"data"') || text.includes('"error"')
  const known = () => peer.texts.filter(isKnown)
  await peer.until(() => known().length >= STREAMS)
  const reasons = known().flatMap((text) => /"reason":"(\w+)"/.exec(text)?.[1] ?? [])
  peer.socket.removeAllListeners('message')
  return { begun: STREAMS - reasons.length, reasons }
}

/** What this thread does, in milliseconds of its CPU, until somebody who follows the room has seen a message. */
async function costOfSend(server: { send: () => Promise<unknown> }): Promise<number> {
  const before = process.threadCpuUsage()
  await server.send()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

test('a few users with thousands of streams of a room have some hundreds, and a message stays cheap and quick', async () => {
  const users = [...Array(USERS).keys()].map((n) => `crowd-${n}`)
  const ada = await server.connect('ada')
  for (const id of users) await server.caller(id).auth.me()
  const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds: users })
  const log = await new EventLog(ada, roomId).until(({ events }) => events.length > 0)
  let sent = 0
  const send = async () => {
    await ada.message.send.mutate({ roomId, clientId: newId(), content: `${++sent}` })
    await log.until(({ contents }) => contents.length === sent)
  }
  const deliveriesOf = async (work: () => Promise<unknown>) => {
    const count = async () => Number(/^confab_deliveries_total (\d+)/m.exec(await server.app.metrics.text())?.[1])
    const before = await count()
    await work()
    return (await count()) - before
  }
  await send()
  const alone = Math.min(await costOfSend({ send }), await costOfSend({ send }))

  const tokens = await Promise.all(users.map((userId) => signToken(userId)))
  const crowd = Promise.all(
    Array.from({ length: USERS * CONNECTIONS }, (_, n) => crowdIn(tokens[n % USERS] ?? '', roomId)),
  )
  // Somebody else's first stream and call come through meanwhile.
  const ben = await server.connect('ben')
  const { id: other } = await ben.room.create.mutate({ kind: 'group', name: 'Boiler room' })
  await new EventLog(ben, other).until(({ events }) => events.length > 0)
  const connections = await crowd

  const begun = connections.reduce((sum, each) => sum + each.begun, 0)
  expect(begun).toBe(USERS * perUser)
  expect(new Set(connections.flatMap(({ reasons }) => reasons))).toEqual(new Set(['RATE_LIMITED']))
  expect(await deliveriesOf(send)).toBeLessThanOrEqual(USERS * perUser + 1)
  await delay(0)
  const amongMany = Math.min(await costOfSend({ send }), await costOfSend({ send }), await costOfSend({ send }))
  // A delivery takes some ten microseconds; all that were asked for would be more than three thousand.
  expect(amongMany - alone).toBeLessThan(0.1 * USERS * perUser)
  log.stop()
}, 60_000)
