import { EventEmitter, once } from 'node:events'
import { type AnyTRPCRouter, initTRPC, TRPCError, tracked } from '@trpc/server'
import { applyWSSHandler as applyStockHandler } from '@trpc/server/adapters/ws'
import { observable } from '@trpc/server/observable'
import superjson from 'superjson'
import { expect, test } from 'vitest'
import { applyWSSHandler } from '../../server/transport/apply-wss-handler.ts'
import { serveRouter } from './served-router.ts'
import { stop, WirePeer } from './wire-peer.ts'

/*
 * What tRPC's own handler does is the specification: each script is played to it and to ours, and the two must say the same, message by
 * message, and tell `onError` the same. Where ours is meant to be different, apply-wss-handler.test.ts says how.
 */

interface Script {
  path?: string
  /** What is sent, and functions to wait by. */
  steps: unknown[]
}

const t = initTRPC.create({
  transformer: superjson,
  isDev: false,
  errorFormatter: ({ shape, path }) => {
    if (path === 'unformatted') throw new Error('The formatter broke')
    return shape
  },
})
const anything = (value: unknown) => value
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const router = t.router({
  hello: t.procedure.input(anything).query(({ input }) => ({ hello: input, at: new Date(0) })),
  nothing: t.procedure.mutation(() => undefined),
  slow: t.procedure.mutation(async () => {
    await wait(20)
    return 'slow'
  }),
  refused: t.procedure.query(() => {
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Not yours' })
  }),
  broken: t.procedure.query(() => {
    throw new Error('It broke')
  }),
  unformatted: t.procedure.query(() => {
    throw new Error('Not to be told')
  }),
  unserializableAnswer: t.procedure.query(() => ({
    toJSON() {
      throw new Error('Not to be serialized')
    },
  })),
  streamOfQuery: t.procedure.query(async function* () {
    yield 1
  }),
  count: t.procedure.subscription(async function* () {
    yield 1
    yield tracked('two', { value: 2 })
    yield undefined
  }),
  resume: t.procedure.input(anything).subscription(async function* ({ input }) {
    yield input
  }),
  failing: t.procedure.subscription(async function* () {
    yield 1
    throw new TRPCError({ code: 'CONFLICT', message: 'Half way' })
  }),
  unserializable: t.procedure.subscription(async function* () {
    yield 1
    yield { toJSON: () => Reflect.apply(BigInt, undefined, ['x']) }
    yield 3
  }),
  noStream: t.procedure.subscription((): AsyncIterable<number> => Object.create(null)),
  notEvenStarted: t.procedure.subscription((): AsyncIterable<number> => {
    throw new TRPCError({ code: 'NOT_FOUND', message: 'Nothing there' })
  }),
  forever: t.procedure.subscription(async function* ({ signal }) {
    yield 'begun'
    await once(new EventEmitter(), 'never', { signal })
  }),
  slowStart: t.procedure
    .use(async ({ next }) => {
      await wait(20)
      return next()
    })
    .subscription(async function* ({ signal }) {
      yield 'begun'
      await once(new EventEmitter(), 'never', { signal })
    }),
  watched: t.procedure.subscription(() =>
    observable<number>((emit) => {
      emit.next(1)
      emit.next(2)
      emit.complete()
    }),
  ),
  watchedFailing: t.procedure.subscription(() =>
    observable<number>((emit) => {
      emit.next(1)
      setTimeout(() => emit.error(new Error('The source broke')), 5)
    }),
  ),
})

const json = (value: unknown) => superjson.serialize(value)
const call =
  (method: string) =>
  (id: number, path: string, input: unknown = json(undefined)) => ({
    id,
    method,
    params: { path, input },
  })
const query = call('query')
const mutation = call('mutation')
const subscription = call('subscription')
const at = (id: number, input: unknown, lastEventId: unknown) => ({
  id,
  method: 'subscription',
  params: { path: 'resume', input: json(input), lastEventId },
})

const scripts: Record<string, Script> = {
  'a query': { steps: [query(1, 'hello', json(new Date(1)))] },
  'a mutation without a result': { steps: [mutation(1, 'nothing')] },
  'a batch': { steps: [[query(1, 'hello', json('a')), mutation(2, 'slow'), query(3, 'hello', json('b'))]] },
  'an empty batch': { steps: [[], query(1, 'hello')] },
  'a batch beyond the limit': { steps: [[...Array(9).keys()].map((id) => query(id, 'hello')), query(20, 'hello')] },
  'a batch beyond the limit of stops and calls': {
    steps: [[...[...Array(8).keys()].map((id) => stop(id)), { ...query(9, 'hello'), jsonrpc: '2.0' }]],
  },
  'a batch beyond the limit that names nobody': { steps: [Array(9).fill(0)] },
  'an id that is text': {
    steps: [
      { ...query(1, 'hello'), id: 'ä–"1"' },
      { ...subscription(1, 'count'), id: 'ü' },
    ],
  },
  'no id': { steps: [{ ...query(1, 'hello'), id: null }] },
  'no procedure': { steps: [query(1, 'no.such'), mutation(2, 'hello'), subscription(3, 'hello')] },
  errors: { steps: [query(1, 'refused'), query(2, 'broken'), subscription(3, 'notEvenStarted')] },
  'a result that can’t be serialized': { steps: [query(1, 'unserializableAnswer'), query(2, 'hello')] },
  'a stream of a query': { steps: [query(1, 'streamOfQuery')] },
  'what is not JSON': { steps: ['{', query(1, 'hello')] },
  jsonrpc: {
    steps: [
      { ...query(1, 'hello'), jsonrpc: '2.0' },
      { ...query(2, 'broken'), jsonrpc: '2.0' },
      { ...subscription(3, 'count'), jsonrpc: '2.0' },
    ],
  },
  'a generator': { steps: [subscription(1, 'count')] },
  'a generator that fails': { steps: [subscription(1, 'failing')] },
  'an event that can’t be serialized': { steps: [subscription(1, 'unserializable')] },
  'a subscription to nothing': { steps: [subscription(1, 'noStream')] },
  'an observable': { steps: [subscription(1, 'watched')] },
  'an observable that fails': { steps: [subscription(1, 'watchedFailing'), () => wait(20)] },
  'a stop': { steps: [subscription(1, 'forever'), () => wait(10), stop(1), stop(1), stop(7)] },
  'a stop before it has begun': { steps: [subscription(1, 'slowStart'), stop(1), () => wait(40)] },
  'the same id twice': { steps: [subscription(1, 'forever'), subscription(1, 'count'), query(2, 'hello')] },
  'an id that is free again': {
    steps: [subscription(1, 'forever'), () => wait(10), stop(1), () => wait(10), subscription(1, 'count')],
  },
  positions: {
    steps: [
      at(1, undefined, 'a'),
      at(2, { lastEventId: 'b' }, 'a'),
      at(3, 'text', 'a'),
      at(4, null, 'a'),
      at(5, {}, undefined),
    ],
  },
  PING: { steps: ['PING', query(1, 'hello'), 'PONG', 'PING', 'PING'] },
  connectionParams: {
    path: '?connectionParams=1',
    steps: [{ method: 'connectionParams', data: { who: 'ada' } }, query(1, 'hello')],
  },
  'connectionParams that are none': { path: '?connectionParams=1', steps: [query(1, 'hello')] },
  'connectionParams of another shape': {
    path: '?connectionParams=1',
    steps: [{ method: 'connectionParams', data: { who: 1 } }, query(1, 'hello')],
  },
  'connectionParams that are not JSON': { path: '?connectionParams=1', steps: ['{', query(1, 'hello')] },
  'a context that can’t be made': { path: '?refused', steps: [query(1, 'hello'), subscription(2, 'count')] },
  'a context that takes its time': {
    path: '?slow',
    steps: [query(1, 'hello'), subscription(2, 'forever'), stop(2), () => wait(40)],
  },
  'a formatter that fails': { steps: [query(1, 'hello'), query(2, 'unformatted')] },
}

interface Played {
  messages: unknown[]
  pongs: number
  reported: unknown[]
  closeCode: number | undefined
}

/** Everything that one peer was told, and `onError` of it. What concerns different calls may come in any order. */
async function play(
  url: string,
  { path = '', steps }: Script,
  reported: Map<string, unknown[]>,
  name: string,
): Promise<Played> {
  const peer = await WirePeer.connect(`${url}${path}${path ? '&' : '?'}name=${encodeURIComponent(name)}`)
  for (const step of steps) {
    if (typeof step === 'function') await step()
    else peer.send(step)
  }
  // Silence is part of what both say: so long that a busy machine has come to everything else.
  await wait(800)
  const order = (message: { id?: unknown }) => String(message.id)
  return {
    messages: peer.messages.toSorted((a, b) => order(a).localeCompare(order(b))),
    pongs: peer.texts.filter((text) => text === 'PONG').length,
    reported: (reported.get(name) ?? []).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    closeCode: peer.closed?.code,
  }
}

async function playAll(apply: Parameters<typeof serveRouter>[2]): Promise<Record<string, Played>> {
  const reported = new Map<string, unknown[]>()
  const options: Parameters<typeof serveRouter>[1] = {
    maxBatchSize: 8,
    createContext: async ({ req, info }) => {
      if (req.url?.includes('?refused')) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Not you' })
      if (req.url?.includes('?slow')) await wait(20)
      return { who: info.connectionParams?.['who'] }
    },
    onError: ({ error, path, type, input, req }) => {
      const name = decodeURIComponent(req.url?.split('name=')[1] ?? '')
      const list = reported.get(name) ?? []
      reported.set(name, [...list, { code: error.code, message: error.message, path, type, input }])
    },
  }
  const { url } = await serveRouter(router satisfies AnyTRPCRouter, options, apply)
  const played = await Promise.all(
    Object.entries(scripts).map(async ([name, script]) => [name, await play(url, script, reported, name)] as const),
  )
  return Object.fromEntries(played)
}

test('our handler says what tRPC’s own says', async () => {
  const [stock, ours] = await Promise.all([playAll(applyStockHandler), playAll(applyWSSHandler)])
  expect(stock['a query']?.messages).toHaveLength(1)
  expect(ours).toEqual(stock)
})
