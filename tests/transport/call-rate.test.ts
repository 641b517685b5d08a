import { expect, test } from 'vitest'
import type { Rate } from '../../server/transport/token-bucket.ts'
import { t } from './served-router.ts'
import { serveTransport } from './served-transport.ts'
import { query, WirePeer } from './wire-peer.ts'

const RATE = { perSecond: 10_000, burst: 100 }
const BATCH = 100
const BATCHES = 40
/** What Node reads from a socket at once. */
const READ_BYTES = 65_536

const router = t.router({ hello: t.procedure.query(() => 'hello') })

async function serve(userCallRate: Rate) {
  const { url } = await serveTransport(router, { limits: { userCallRate } })
  return async (user: string) => {
    const peer = await WirePeer.connect(`${url}?connectionParams=1`)
    peer.send({ method: 'connectionParams', data: { user } }, query(-1, 'hello'))
    return peer.until(() => peer.of(-1).length > 0)
  }
}

test('the connections of one user share a rate of calls, also of calls of nothing, and none is lost', async () => {
  const connect = await serve(RATE)
  const peers = await Promise.all(Array.from({ length: 3 }, () => connect('mallory')))
  const begunAt = performance.now()
  for (const peer of peers) {
    for (let batch = 0; batch < BATCHES; batch++) {
      peer.send(Array.from({ length: BATCH }, (_, index) => query(batch * BATCH + index, 'no.such')))
    }
  }
  const all = 1 + BATCHES * BATCH
  await Promise.all(peers.map((peer) => peer.until(() => peer.messages.length === all)))
  // What had arrived by the time of the pause is taken on credit: at most what one read of each socket holds.
  const credit = 3 * (READ_BYTES / JSON.stringify(query(0, 'no.such')).length)
  const paid = 3 * BATCHES * BATCH - RATE.burst - credit
  expect(performance.now() - begunAt).toBeGreaterThan((paid / RATE.perSecond) * 1_000)
})

test('a user who comes back owes what they owed', async () => {
  const connect = await serve({ perSecond: 100, burst: 100 })
  const first = await connect('mallory')
  const begunAt = performance.now()
  // One frame, which is counted as a whole: two hundred calls on credit, to be paid for two seconds.
  first.send(Array.from({ length: 300 }, (_, id) => query(id, 'no.such')))
  await first.until(() => first.messages.length === 301)
  first.socket.terminate()
  const again = await connect('mallory')
  await again.settled()
  again.send(query(1, 'hello'))
  await again.until(() => again.of(1).length > 0)
  expect(performance.now() - begunAt).toBeGreaterThan(1_900)
})
