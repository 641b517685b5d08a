import { createTRPCClient, httpLink } from '@trpc/client'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AppRouter } from '../../server/app-router.ts'
import type { ChatErrorReason } from '../../shared/errors.ts'
import { transformer } from '../../shared/transformer.ts'
import { newId, signToken, useTestApp } from '../support/test-app.ts'
import { buildWorld, rowsOf, type World } from './authorization-world.ts'
import { errorData, INNARDS, type WireAnswer, wireAnswer } from './refusal.ts'

const server = useTestApp()
const database = () => server.app.services.database.db
let world: World
let before: string[]

beforeAll(async () => {
  world = await buildWorld(server)
})

beforeEach(async () => {
  before = await rowsOf(database(), world.tenant)
})

const expectNothingWritten = async () => expect(await rowsOf(database(), world.tenant)).toEqual(before)

const json = () => ({ roomId: world.places.group.roomId, clientId: newId(), content: 'Hello' })
const annotated = (values: unknown) => JSON.stringify({ json: json(), meta: { values } })
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

/** Numbers, each of which says that it is one. */
function manyAnnotations(): string {
  const numbers = Array.from({ length: 300 }, () => '-0')
  const values = Object.fromEntries(numbers.map((_, index) => [`meta.a.${index}`, ['number']]))
  return JSON.stringify({ json: { ...json(), meta: { a: numbers } }, meta: { values } })
}

describe('what reaches the router over the wire', () => {
  const hostile: [what: string, body: () => string][] = [
    ['a path into the prototype', () => annotated({ '__proto__.isAdmin': ['Date'] })],
    ['a path into the constructor', () => annotated({ 'constructor.prototype.isAdmin': ['Date'] })],
    ['a bigint that is none', () => annotated({ content: ['bigint'] })],
    [
      'a bigint that is one',
      () => JSON.stringify({ json: { ...json(), content: '1' }, meta: { values: { content: ['bigint'] } } }),
    ],
    ['an error', () => annotated({ content: ['Error'] })],
    ['a regular expression', () => annotated({ content: ['regexp'] })],
    ['a set', () => annotated({ content: ['set'] })],
    ['a symbol', () => annotated({ content: [['symbol', 'iterator']] })],
    ['a class', () => annotated({ content: [['class', 'Room']] })],
    ['a custom type', () => annotated({ content: [['custom', 'Decimal']] })],
    ['an unknown type', () => annotated({ content: ['nothing'] })],
    ['undefined', () => annotated({ content: ['undefined'] })],
    ['a date that is none', () => annotated({ content: ['Date'] })],
    ['a valid input with too many annotations', manyAnnotations],
    [
      'deep annotations',
      () => JSON.stringify({ json: json(), meta: { values: 0 } }).replace('"values":0', `"values":${deep}`),
    ],
    [
      'annotations that are none',
      () => annotated(5).replace('{"values":5}', '{"referentialEqualities":{"a.b":["c.d"]}}'),
    ],
    ['a deep value', () => `{"json":${deep}}`],
    [
      'a deep value within',
      () => JSON.stringify({ json: { ...json(), meta: 0 } }).replace('"meta":0', `"meta":{"a":${deep}}`),
    ],
    ['no superjson', () => JSON.stringify(json())],
    ['null', () => 'null'],
    ['a number', () => '5'],
    ['half an object', () => '{"json":'],
    ['nothing', () => ''],
  ]

  test.each(hostile)('%s is refused over HTTP', async (_, body) => {
    const { status, text } = await post('message.send', body())
    expect(status).toBe(400)
    expect(errorData(text)).toMatchObject({ reason: 'INVALID_INPUT', code: 'BAD_REQUEST', path: 'message.send' })
    expect(text).not.toMatch(INNARDS)
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
    await expectNothingWritten()
  })

  test('the same over a WebSocket is refused call by call, and the connection lives', async () => {
    const bodies = hostile.map(([, body]) => body()).filter(isJson)
    const frames = bodies.map(
      (input, id) => `{"id":${id},"method":"mutation","params":{"path":"message.send","input":${input}}}`,
    )
    const last = { id: bodies.length, method: 'query', params: { path: 'auth.me' } }
    const answers = await exchange([...frames, JSON.stringify(last)])
    const inOrder = answers.toSorted((a, b) => Number(a.id) - Number(b.id))
    const refusals = inOrder.flatMap(({ error }) => (error ? [error.json.data['reason']] : []))
    // A call of more than 64 KiB is not read at all.
    expect(refusals).toEqual(bodies.map((body) => (body.length > 64 << 10 ? 'PAYLOAD_TOO_LARGE' : 'INVALID_INPUT')))
    expect(answers.find(({ id }) => id === last.id)?.result).toBeDefined()
    expect(JSON.stringify(answers)).not.toMatch(INNARDS)
    await expectNothingWritten()
  })

  test('meta that was let in can be read back by everybody', async () => {
    const ada = typedClient(await signToken('ada', { tenant: 'readers' }))
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Room' })
    const meta = { json: 1, values: [null, true, -0, 1e21], 'a.b': { '': 'x' }, toString: 'y', hasOwnProperty: {} }
    const sent = await ada.message.send.mutate({ roomId, clientId: newId(), content: 'x', meta })
    expect(sent.meta).toEqual({ ...meta, values: [null, true, 0, 1e21] })
    expect((await ada.message.list.query({ roomId })).items).toEqual([sent])
  })

  const requests: [what: string, reason: ChatErrorReason, request: () => Promise<Answer>][] = [
    ['an unknown procedure', 'NOT_FOUND', () => get('room.nothing')],
    ['an inherited name', 'NOT_FOUND', () => get('constructor')],
    ['a query by POST', 'INVALID_INPUT', () => post('auth.me', '')],
    ['a mutation by GET', 'INVALID_INPUT', () => get('message.send')],
    ['an input that is not JSON', 'INVALID_INPUT', () => get('room.get', 'input=%7B')],
    ['an input with a broken escape', 'INVALID_INPUT', () => get('room.get', 'input=%E0%A4%A')],
    ['broken connection parameters', 'INVALID_INPUT', () => get('auth.me', 'connectionParams=%5B')],
    ['another media type', 'INVALID_INPUT', () => post('message.send', 'hello', 'text/plain')],
    ['a media type that nobody knows', 'INVALID_INPUT', () => post('message.send', 'hello', 'application/x-hello')],
    ['a body that is too large', 'PAYLOAD_TOO_LARGE', () => post('message.send', JSON.stringify('x'.repeat(600_000)))],
  ]

  test.each(requests)('%s gets a typed error: %s', async (_, reason, request) => {
    const { text } = await request()
    expect(text).not.toMatch(INNARDS)
    expect(errorData(text)).toMatchObject({ reason })
    await expectNothingWritten()
  })

  test('a batch with too many calls gets a typed error', async () => {
    const { text } = await get(Array.from({ length: 129 }, () => 'auth.me').join(','), 'batch=1&input=%7B%7D')
    expect(text).toContain('"reason":"INVALID_INPUT"')
  })
})

/** A client over HTTP alone. */
const typedClient = (token: string) =>
  createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${server.url}/trpc`, transformer, headers: { authorization: `Bearer ${token}` } })],
  })

interface Answer {
  status: number
  text: string
}

const bearer = async () => `Bearer ${await signToken('owner', { tenant: world.tenant })}`

async function post(path: string, body: string, contentType = 'application/json'): Promise<Answer> {
  const headers = { authorization: await bearer(), 'content-type': contentType }
  const response = await fetch(`${server.url}/trpc/${path}`, { method: 'POST', headers, body })
  return { status: response.status, text: await response.text() }
}

async function get(path: string, search = ''): Promise<Answer> {
  const response = await fetch(`${server.url}/trpc/${path}?${search}`, { headers: { authorization: await bearer() } })
  return { status: response.status, text: await response.text() }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Sends these frames on one connection, and gives as many answers. */
async function exchange(frames: string[]): Promise<WireAnswer[]> {
  const token = await signToken('owner', { tenant: world.tenant })
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  const answers: WireAnswer[] = []
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  socket.addEventListener('close', () => resolve())
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
    for (const frame of frames) socket.send(frame)
  })
  socket.addEventListener('message', ({ data }) => {
    answers.push(wireAnswer.parse(JSON.parse(data)))
    if (answers.length === frames.length) socket.close()
  })
  await closed
  return answers
}
