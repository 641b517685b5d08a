import { EventEmitter, once } from 'node:events'
import { observable } from '@trpc/server/observable'
import { expect, test } from 'vitest'
import { Broadcast } from './broadcast.ts'
import { collectGarbage } from './collect-garbage.ts'
import { serveRouter, t } from './served-router.ts'
import { query, subscription, WirePeer } from './wire-peer.ts'

const WARM_UP = 500
const ROUNDS = 2_000
const AT_ONCE = 100

test('after 2,000 connections, whatever they were doing when they were dropped, nothing of them is left', async () => {
  const broadcast = new Broadcast()
  const events = new EventEmitter().setMaxListeners(0)
  const stuck = Promise.withResolvers<never>()
  const router = t.router({
    live: t.procedure.subscription(() => broadcast.stream()),
    generated: t.procedure.subscription(async function* ({ signal }) {
      yield 'begun'
      await once(events, 'never', { signal })
    }),
    stuck: t.procedure.subscription(async function* () {
      yield 'begun'
      await stuck.promise
    }),
    observed: t.procedure.subscription(() =>
      observable<string>((emit) => {
        const tick = () => emit.next('tick')
        events.on('tick', tick)
        emit.next('begun')
        return () => events.off('tick', tick)
      }),
    ),
  })
  const served = await serveRouter(router, {
    keepAlive: { enabled: true, ping: 'control', pingMs: 30_000, pongWaitMs: 5_000 },
    frameRate: { perSecond: 10, burst: 2 },
    highWaterBytes: 256 << 10,
    maxQueuedBytes: 1 << 20,
  })
  const atRest = await restingResources()
  const paths = ['live', 'generated', 'stuck', 'observed'] as const
  const seen: WeakRef<object>[] = []
  served.wss.on('connection', (client) => seen.push(new WeakRef(client)))

  const dropOne = async (round: number) => {
    // Not by `connect`, which remembers it to the end of the test.
    const peer = new WirePeer(served.url)
    await once(peer.socket, 'open')
    const path = paths[round % paths.length] ?? 'live'
    peer.send([subscription(1, path), query(3, 'no.such')])
    await peer.until(() => peer.of(1).length >= (path === 'live' ? 1 : 2) && peer.of(3).length === 1)
    if (round % 3 === 0) peer.send('PING', 'PING', 'PING')
    peer.socket.terminate()
  }
  const drop = async (rounds: number) => {
    for (let round = 0; round < rounds; round += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => dropOne(round + index)))
    }
    await expect.poll(() => served.wss.clients.size).toBe(0)
    await expect.poll(() => broadcast.sinks.size + events.listenerCount('tick') + events.listenerCount('never')).toBe(0)
    served.sockets.length = 0
    // A stuck generator is waited for, for a second; its timer goes with that.
    await expect.poll(resources).toEqual(atRest)
    // What is left of a stuck generator is its own: its frame, as long as what it waits for is held. The connections are not.
    await expect.poll(connectionsHeld).toBeLessThan(AT_ONCE)
    return process.memoryUsage().heapUsed
  }
  const connectionsHeld = () => {
    collectGarbage()
    return seen.filter((client) => client.deref() !== undefined).length
  }

  const before = await drop(WARM_UP)
  const after = await drop(ROUNDS)
  expect((after - before) / ROUNDS).toBeLessThan(1_500)
}, 60_000)

/** Open handles and timers, by kind. */
function resources(): Record<string, number> {
  const kinds = Object.groupBy(process.getActiveResourcesInfo(), (kind) => kind)
  return Object.fromEntries(Object.entries(kinds).map(([kind, list]) => [kind, list?.length ?? 0]))
}

/** As a later look of a poll finds them, which has a timer of its own. */
async function restingResources(): Promise<Record<string, number>> {
  const looks: Record<string, number>[] = []
  await expect.poll(() => looks.push(resources())).toBeGreaterThan(2)
  return looks.at(-1) ?? {}
}
