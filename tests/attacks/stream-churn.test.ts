import { expect, test } from 'vitest'
import { RATE_LIMITS } from '../../server/rpc/rate-limits.ts'
import { signToken, useTestApp } from '../support/test-app.ts'
import { stop, subscription, WirePeer } from '../transport/wire-peer.ts'

const server = useTestApp()
const { calls } = RATE_LIMITS.subscription

async function connect(userId: string): Promise<WirePeer> {
  const peer = await WirePeer.connect(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  peer.send({ method: 'connectionParams', data: { token: await signToken(userId) } })
  return peer.settled()
}

const refusals = (peer: WirePeer) => peer.texts.filter((text) => text.includes('"reason":"RATE_LIMITED"'))

test('a client that subscribes and stops in a loop is told to wait, over all its connections, and others are not', async () => {
  const peers = await Promise.all([connect('mallory'), connect('mallory')])
  for (const peer of peers) {
    // In batches of 60, each of which is stopped before the next: a connection has 64 at a time.
    for (let from = 0; from < calls; from += 60) {
      const ids = Array.from({ length: 60 }, (_, index) => from + index)
      peer.send(ids.map((id) => subscription(id, 'inbox.onEvent')))
      await peer.until(() => ids.every((id) => peer.texts.some((text) => text.startsWith(`{"id":${id},`))))
      peer.send(ids.map(stop))
      await peer.settled()
    }
  }
  const asked = peers.length * Math.ceil(calls / 60) * 60
  const refused = peers.flatMap(refusals)
  expect(refused.length).toBeGreaterThan(0)
  // The window may have begun again meanwhile, on a slow machine.
  expect(asked - refused.length).toBeLessThanOrEqual(2 * calls)
  for (const text of refused) expect(text).toMatch(/"retryAfterMs":\d+/)

  const ada = await connect('ada')
  ada.send(subscription(1, 'inbox.onEvent'))
  await ada.until(() => ada.of(1).some(({ result }) => result?.type === 'data'))
})

test('a stock client’s tabs that connect again with all their streams find room, twice in a row', async () => {
  for (let round = 0; round < 2; round++) {
    const peers = await Promise.all(Array.from({ length: 4 }, () => connect('tabs')))
    for (const peer of peers) {
      peer.send(Array.from({ length: 64 }, (_, id) => subscription(id, 'inbox.onEvent')))
      await peer.until(() => peer.texts.filter((text) => text.includes('"type":"data"')).length === 64)
      expect(refusals(peer)).toEqual([])
    }
    for (const peer of peers) {
      peer.socket.close()
      await peer.until(({ closed }) => closed !== undefined)
    }
    await expect.poll(() => openInboxes()).toBe(0)
  }
})

/** Streams that are open; the server sees a close a moment after its peer. */
async function openInboxes(): Promise<number> {
  const text = await server.app.metrics.text()
  return Number(/^confab_subscriptions\{path="inbox.onEvent"\} (\d+)/m.exec(text)?.[1] ?? 0)
}
