import { describe, expect, test } from 'vitest'
import { errorData, INNARDS } from '../rpc/refusal.ts'
import { signToken } from '../support/test-app.ts'
import { HOSTILE_INPUTS, many, record } from './hostile-inputs.ts'
import { MAX_HOLD_MS, useProbedServer } from './probed-server.ts'

const server = useProbedServer()
let users = 0

interface Answer {
  status: number
  text: string
}

/** Another user each time: what one may call in a minute is bounded too. */
const someone = async () => ({ authorization: `Bearer ${await signToken(`user-${users++}`)}` })
const nobody = async () => ({})

async function post(path: string, body: string, as: () => Promise<Record<string, string>> = someone): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(await as()) }
  const response = await fetch(`${server.url}/trpc/${path}`, { method: 'POST', headers, body })
  return { status: response.status, text: await response.text() }
}

/** The shortest of some longest holds: a stall is there each time, a collection of garbage or a compilation is not. */
async function holdOf(request: () => Promise<Answer>): Promise<number> {
  const holds: number[] = []
  for (let attempt = 0; attempt < 3; attempt++) {
    await server.longestHold()
    const { text } = await request()
    expect(text).not.toMatch(INNARDS)
    holds.push(await server.longestHold())
    if ((holds.at(-1) ?? 0) <= MAX_HOLD_MS) break
  }
  return Math.min(...holds)
}

const inputs = Object.entries(HOSTILE_INPUTS)

test.each(inputs)('an input with %s is refused', async (_, input) => {
  const { status, text } = await post('room.create', input())
  expect([400, 413]).toContain(status)
  expect(errorData(text)).toMatchObject({ reason: expect.stringMatching(/^(INVALID_INPUT|PAYLOAD_TOO_LARGE)$/) })
})

const batchOf = (count: number, input: string): Promise<Answer> =>
  post(`${many(count, () => 'room.create').join()}?batch=1`, `{${many(count, (at) => `"${at}":${input}`).join()}}`)

const BODIES: Record<string, () => string> = {
  'half a MiB of brackets': () => '['.repeat(1 << 18) + ']'.repeat(1 << 18),
  'half a MiB of different keys': () => `{"json":[${many(30_000, (at) => `{"k${at}":0}`).join()}]}`,
  'deep arrays': () => `{"json":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
  'many values': () => `{"json":[${many(30_000, () => 0).join()}]}`,
  'unknown fields': () =>
    JSON.stringify({
      json: record(
        4_000,
        (at) => `field${at}`,
        () => 1,
      ),
    }),
}

describe('no request holds the loop for longer than 50 ms', () => {
  test.each(inputs)('an input with %s', async (_, input) => {
    expect(await holdOf(() => post('room.create', input()))).toBeLessThanOrEqual(MAX_HOLD_MS)
  })

  test.each(inputs)('a batch of inputs with %s', async (_, input) => {
    expect(await holdOf(() => batchOf(8, input()))).toBeLessThanOrEqual(MAX_HOLD_MS)
  })

  test.each(Object.entries(BODIES))('a body of %s', async (_, body) => {
    expect(await holdOf(() => post('room.create', body()))).toBeLessThanOrEqual(MAX_HOLD_MS)
  })

  test.each(Object.entries(BODIES))('a body of %s, from nobody', async (_, body) => {
    expect(await holdOf(() => post('room.create', body(), nobody))).toBeLessThanOrEqual(MAX_HOLD_MS)
  })

  test('a batch of as many values as a body can hold', async () => {
    const input = `{"json":[${many(7_000, () => '{}').join()}]}`
    expect(await holdOf(() => batchOf(20, input))).toBeLessThanOrEqual(MAX_HOLD_MS)
  })
})

test('a call has the bound over HTTP that it has over a WebSocket', async () => {
  const { status, text } = await post(
    'room.create',
    JSON.stringify({ json: { kind: 'group', name: 'x'.repeat(70_000) } }),
  )
  expect(status).toBe(413)
  expect(errorData(text)).toMatchObject({ reason: 'PAYLOAD_TOO_LARGE' })
})
