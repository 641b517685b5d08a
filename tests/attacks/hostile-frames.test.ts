import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { INNARDS } from '../rpc/refusal.ts'
import { newId, signToken } from '../support/test-app.ts'
import { mutation, query, WirePeer } from '../transport/wire-peer.ts'
import { HOSTILE_INPUTS, many, record } from './hostile-inputs.ts'
import { MAX_HOLD_MS, useProbedServer } from './probed-server.ts'

const server = useProbedServer()
let users = 0

const GARBAGE = 'a.b.c'
/** The id of what is asked last. */
const LAST = 1_000_000

/** Says who it is, sends at once, and stays until all is answered that is answered at once, or it is closed. */
async function exchange(frames: string[], token: string): Promise<WirePeer> {
  const peer = await WirePeer.connect(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  peer.send({ method: 'connectionParams', data: { token } })
  for (const frame of frames) peer.send(frame)
  peer.send(query(LAST, 'auth.me'))
  await peer.until(() => peer.of(LAST).length > 0 || peer.closed !== undefined)
  await peer.settled()
  peer.socket.close()
  if (!peer.closed) await once(peer.socket, 'close')
  return peer
}

/** The shortest of some longest holds: a stall is there each time, a collection of garbage or a compilation is not. */
async function holdOf(frames: () => string[], token: () => Promise<string> | string): Promise<number> {
  const holds: number[] = []
  for (let attempt = 0; attempt < 3; attempt++) {
    await server.longestHold()
    await exchange(frames(), await token())
    expect(await server.health()).toBeLessThan(2_000)
    holds.push(await server.longestHold())
    if ((holds.at(-1) ?? 0) <= MAX_HOLD_MS) break
  }
  return Math.min(...holds)
}

/** Another user each time: what one may send in a second is bounded too. */
const someone = () => signToken(`user-${users++}`)

const callWith = (input: string) => `{"id":1,"method":"mutation","params":{"path":"room.create","input":${input}}}`
const call = (input: unknown) => callWith(JSON.stringify(input))
const annotated = Object.entries(HOSTILE_INPUTS).map(([name, input]): [string, () => string] => [
  name,
  () => callWith(input()),
])
const JSON_TEXTS: Record<string, () => string> = {
  'half a MiB of brackets': () => '['.repeat(1 << 18) + ']'.repeat(1 << 18),
  'half a MiB of brackets that never close': () => '['.repeat(1 << 19),
  'half a MiB of objects in each other': () => `${'{"a":'.repeat(80_000)}1${'}'.repeat(80_000)}`,
  'half a MiB of different keys': () => `[${many(30_000, (at) => `{"k${at}":0}`).join()}]`,
  'a batch with a deep call': () =>
    `[{"id":1,"method":"query","params":{"path":"auth.me","input":${'['.repeat(9e4)}${']'.repeat(9e4)}}},${JSON.stringify(query(2, 'auth.me'))}]`,
  'a batch of 40,000': () => JSON.stringify(many(40_000, () => ({ id: 1 }))),
  'a batch of 1,000': () => JSON.stringify(many(1_000, (id) => query(id, 'auth.me'))),
  'a batch of 128 calls of 4,000 values': () =>
    JSON.stringify(many(60, (id) => query(id, 'room.get', { json: many(4_000, () => 0) }))),
  'unknown fields': () =>
    call({
      json: record(
        4_000,
        (at) => `field${at}`,
        () => 1,
      ),
    }),
  'bad elements': () => call({ json: { kind: 'group', name: 'x', memberIds: many(7_000, () => 1) } }),
  'a name of 60,000 marks': () => call({ json: { kind: 'group', name: 'a\u0301'.repeat(10_000) } }),
  'a long path': () => JSON.stringify(query(1, 'a.'.repeat(30_000))),
}

/** Half as many again as are taken at once; the others come at the pace that is allowed, a hundred a second. */
const MANY_FRAMES = 600

const FLOODS: Record<string, () => string[]> = {
  'many calls in small frames': () => many(MANY_FRAMES, (id) => JSON.stringify(query(id, 'no.such'))),
  'many broken frames': () => many(MANY_FRAMES, () => '{'),
  'texts in place of trees, 128 in a batch': () => [
    `[${many(128, () => callWith('{"json":{},"meta":{"values":"a"}}')).join()}]`,
  ],
  'frames of 64 calls with 8,000 characters each': () =>
    many(2, () =>
      JSON.stringify(
        many(60, (id) =>
          mutation(id, 'message.send', {
            json: { roomId: newId(), clientId: newId(), content: 'é '.repeat(2_000), meta: { a: many(900, () => 1) } },
          }),
        ),
      ),
    ),
}

describe('no frame holds the loop for longer than 50 ms', () => {
  const single = [...annotated, ...Object.entries(JSON_TEXTS)]
  const all: Record<string, () => string[]> = {
    ...FLOODS,
    ...Object.fromEntries(single.map(([name, frame]) => [name, () => [frame()]])),
  }

  test.each(Object.entries(all))('of a user: %s', async (_, frames) => {
    expect(await holdOf(frames, someone)).toBeLessThanOrEqual(MAX_HOLD_MS)
  })

  test.each(Object.entries(all))('behind a token that is none: %s', async (_, frames) => {
    expect(await holdOf(frames, () => GARBAGE)).toBeLessThanOrEqual(MAX_HOLD_MS)
  })
})

test.each(annotated)('%s: the call is refused, and the next one is answered', async (_, frame) => {
  const peer = await exchange([frame(), JSON.stringify(query(2, 'auth.me'))], await someone())
  const [error] = peer.of(1)
  expect(JSON.stringify(error)).toMatch(/"reason":"(INVALID_INPUT|PAYLOAD_TOO_LARGE)"/)
  expect(JSON.stringify(error)).not.toMatch(INNARDS)
})

test('a batch of 40,000 calls is told so once, in one error, and its connection is closed', async () => {
  const peer = await exchange([JSON.stringify(many(40_000, (id) => ({ id })))], await someone())
  expect(peer.messages).toHaveLength(1)
  expect(peer.messages[0]?.id).toBeNull()
  expect(peer.closed).toBeDefined()
})

test('no call is read before it is known who asks', async () => {
  const peer = await exchange(
    many(3, (id) => JSON.stringify(query(id, 'auth.me'))),
    GARBAGE,
  )
  expect(JSON.stringify(peer.of(null))).toContain('"reason":"TOKEN_INVALID"')
  expect(peer.closed?.code).toBe(4300)
})

test('many pings in one read are answered with the latest pong, and the connection lives', async () => {
  const peer = await WirePeer.connect(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  peer.send({ method: 'connectionParams', data: { token: await someone() } })
  await peer.settled()
  const latest = Promise.withResolvers<void>()
  peer.socket.on('pong', (data) => data.toString() === '199' && latest.resolve())
  for (let ping = 0; ping < 200; ping++) peer.socket.ping(String(ping))
  await latest.promise
  peer.send(query(1, 'auth.me'))
  await peer.until(() => peer.of(1).length === 1)
})

test.each([
  ['no JSON', '{'],
  ['another shape', JSON.stringify({ method: 'connectionParams', data: { token: 5 } })],
])('connectionParams of %s are a fault of the client, which need not come back', async (_, first) => {
  const peer = await WirePeer.connect(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  peer.send(first)
  await peer.until(() => peer.closed !== undefined)
  expect(JSON.stringify(peer.of(null))).toContain('"reason":"INVALID_INPUT"')
  expect(peer.closed?.code).toBe(4302)
})
