import { expect, test } from 'vitest'
import { DEFAULT_TUNING } from '../../server/tuning.ts'
import { EventSource } from '../support/event-source.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'

const FLOOD = 2_000
/** Sockets that are opened at a time: a backlog holds no more. */
const AT_ONCE = 100

const server = useTestApp()

test(`${FLOOD} streams of one user over server-sent events are as many as a user may have connections`, async () => {
  const token = await signToken('mallory')
  const sources: EventSource[] = []
  while (sources.length < FLOOD) {
    const some = Array.from({ length: AT_ONCE }, () => new EventSource(server.url, 'inbox.onEvent', { token }).read())
    await Promise.all(some.map((source) => source.until(({ hasBegun, isOver }) => hasBegun || isOver)))
    sources.push(...some)
  }
  const begun = sources.filter(({ hasBegun }) => hasBegun)
  expect(begun).toHaveLength(DEFAULT_TUNING.limits.maxConnectionsPerUser ?? 0)
  expect(new Set(sources.map(({ refusal }) => refusal))).toEqual(new Set([undefined, 'RATE_LIMITED']))

  const ada = await server.connect('ada')
  const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room' })
  await ada.message.send.mutate({ roomId, clientId: newId(), content: 'Still here' })

  for (const source of sources) source.close()
  // What they leave is free again.
  const again = async () => {
    const source = new EventSource(server.url, 'inbox.onEvent', { token }).read()
    await source.until(({ hasBegun, isOver }) => hasBegun || isOver)
    source.close()
    return source.refusal
  }
  await expect.poll(again, { timeout: 15_000, interval: 500 }).toBeUndefined()
}, 60_000)
