import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client'
import type { AnyTRPCProcedure } from '@trpc/server'
import { sql } from 'kysely'
import type { SuperJSONResult } from 'superjson'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AppRouter } from '../../server/app-router.ts'
import type { BusMessage } from '../../server/bus/bus.ts'
import { MemoryBus } from '../../server/bus/memory-bus.ts'
import { ChatError } from '../../server/errors/chat-error.ts'
import { transformer } from '../../shared/transformer.ts'
import { signToken, useTestApp } from '../support/test-app.ts'
import { BEARERS, type BearerName, MATRIX, type Outcome } from './authorization-matrix.ts'
import {
  buildWorld,
  CALLERS,
  type CallerInWorld,
  type CallerName,
  callerIn,
  copyWorld,
  DERIVED_TABLES,
  GROUP_SECRET,
  rowsOf,
  TENANT_TABLES,
  type World,
} from './authorization-world.ts'
import { callByPath, procedures, reasonOf } from './call-by-path.ts'

const published: string[] = []

class RecordedBus extends MemoryBus {
  override publish(channel: string, message: BusMessage): void {
    published.push(channel)
    super.publish(channel, message)
  }
}

const server = useTestApp({}, { bus: (log) => new RecordedBus(log) })
const database = () => server.app.services.database.db

interface Call {
  path: string
  type: AnyTRPCProcedure['_def']['type']
  input: unknown
}

interface Result {
  outcome: Outcome
  answer?: unknown
}

const callers = Object.keys(CALLERS).filter((name): name is CallerName => name in CALLERS)
const cases = Object.entries(MATRIX).flatMap(([path, entries]) =>
  entries.map((entry) => ({ path, name: entry.title ? `${path} (${entry.title})` : path, entry })),
)

let template: World

beforeAll(async () => {
  template = await buildWorld(server)
})

describe('the table of rights', () => {
  test.each(Object.keys(procedures))('names %s', (path) => {
    expect(MATRIX[path]?.length ?? 0, `${path} has no entry in authorization-matrix.ts`).toBeGreaterThan(0)
  })

  test('names nothing that the router does not have', () => {
    expect(Object.keys(MATRIX).filter((path) => !(path in procedures))).toEqual([])
  })

  test('is checked against every table of a tenant', async () => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.columns
      where table_schema = current_schema() and column_name = 'tenant_id'`.execute(database())
    expect(rows.map((row) => row.name).sort()).toEqual([...TENANT_TABLES, ...DERIVED_TABLES].sort())
  })
})

describe.each(cases)('$name', ({ path, entry }) => {
  const type = procedures[path]?._def.type ?? 'query'
  let shared: World
  let before: string[]

  beforeAll(async () => {
    shared = await copyWorld(database(), template)
    before = await rowsOf(database(), shared.tenant)
  })

  /** Whoever is going to change something gets a world of their own. */
  const worldFor = async (outcome: Outcome) =>
    outcome === 'allowed' && type === 'mutation' ? copyWorld(database(), template) : shared

  async function expectNothingChanged({ tenant }: World) {
    expect(await rowsOf(database(), tenant)).toEqual(before)
    expect(published.filter((channel) => channel.split(':')[1] === tenant)).toEqual([])
  }

  test.each(callers)('%s', async (name) => {
    const expected = entry.outcome(name)
    const world = await worldFor(expected)
    const caller = await callerIn(world, name)
    const { outcome, answer } = await callInProcess(caller, { path, type, input: entry.input?.(caller.ids) })
    expect(outcome).toBe(expected)
    const secrets = caller.mustNotSee.filter((secret) => outcome !== 'allowed' || secret !== entry.mayTell)
    for (const secret of secrets) expect(JSON.stringify(answer) ?? '').not.toContain(secret)
    const mayChange = outcome === 'allowed' && caller.tenant === world.tenant
    if (type === 'mutation' && !mayChange) await expectNothingChanged(world)
  })

  test.each(BEARERS)('%s over HTTP', async (name) => {
    const expected = entry.outcome(name)
    const world = await worldFor(expected)
    const { ids, userId } = await callerIn(world, 'owner')
    const token = await bearerToken(name, userId, world.tenant)
    const { outcome, answer } = await callOverHttp(token, { path, type, input: entry.input?.(ids) })
    expect(outcome).toBe(expected)
    if (outcome !== 'allowed') expect(JSON.stringify(answer) ?? '').not.toContain(GROUP_SECRET)
    if (type === 'mutation' && outcome !== 'allowed') await expectNothingChanged(world)
  })

  test('whoever only asks or is refused leaves no trace', () => expectNothingChanged(shared))
})

describe('all subscriptions over one WebSocket', () => {
  const subscriptions = cases.filter(({ path }) => procedures[path]?._def.type === 'subscription')

  test.each(BEARERS)('%s', async (name) => {
    const { ids, userId, tenant } = await callerIn(template, 'owner')
    const token = await bearerToken(name, userId, tenant)
    const expected = subscriptions.map(({ entry }) => entry.outcome(name))
    const calls = subscriptions.map(({ path, entry }) => ({ path, input: entry.input?.(ids) }))
    const answers = await subscribeOverWebSocket(token, calls)
    if (name === 'bearer') expect(answers.map(({ outcome }) => outcome)).toEqual(expected)
    // A connection that is refused gets nothing but the refusal.
    else expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(expected))
  })
})

async function bearerToken(name: BearerName, userId: string, tenant: string): Promise<string | undefined> {
  const hourAgo = Date.now() / 1_000 - 3_600
  switch (name) {
    case 'anonymous':
      return undefined
    case 'expired':
      return signToken(userId, { tenant, issuedAt: hourAgo, expiresIn: 600 })
    case 'revoked':
      return signToken(userId, { tenant, issuedAt: hourAgo, expiresIn: 7_200 })
    case 'bearer':
      return signToken(userId, { tenant })
  }
}

async function callInProcess({ userId, tenant, role }: CallerInWorld, { path, input }: Call): Promise<Result> {
  try {
    return { outcome: 'allowed', answer: await callByPath(server.caller(userId, { tenant, role }), path, input) }
  } catch (error) {
    if (error instanceof ChatError) return { outcome: error.reason, answer: error.message }
    throw error
  }
}

async function callOverHttp(token: string | undefined, call: Call): Promise<Result> {
  if (call.type === 'subscription') return subscribeOverSse(token, call)
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const client = createTRPCUntypedClient<AppRouter>({
    links: [httpLink({ url: `${server.url}/trpc`, transformer, headers })],
  })
  try {
    return { outcome: 'allowed', answer: await client[call.type](call.path, call.input) }
  } catch (error) {
    if (error instanceof TRPCClientError) return { outcome: reasonOf(error), answer: error.message }
    throw error
  }
}

/** The first event of a subscription as an EventSource reads it, which can send no header. */
async function subscribeOverSse(token: string | undefined, { path, input }: Call): Promise<Result> {
  const url = new URL(`${server.url}/trpc/${path}`)
  url.searchParams.set('input', JSON.stringify(transformer.input.serialize(input)))
  if (token !== undefined) url.searchParams.set('connectionParams', JSON.stringify({ token }))
  const response = await fetch(url, { headers: { accept: 'text/event-stream' } })
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    // Blank lines end an event; the one before the first says that the connection stands.
    const [, first, next] = text.split('\n\n\n')
    if (first === undefined || next === undefined) continue
    const data = /^data: (.*)$/m.exec(first)?.[1] ?? ''
    const answer: unknown = transformer.output.deserialize(JSON.parse(data))
    return first.startsWith('event: serialized-error') ? { outcome: reasonOf(answer), answer } : { outcome: 'allowed' }
  }
  throw new Error(`The stream ended without an event: ${text}`)
}

/** What a connection is told until each call has its first event, or the server closes it. */
async function subscribeOverWebSocket(
  token: string | undefined,
  calls: { path: string; input: unknown }[],
): Promise<Result[]> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  const results: Result[] = []
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  socket.addEventListener('close', () => resolve())
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ method: 'connectionParams', data: token === undefined ? null : { token } }))
    const messages = calls.map(({ path, input }, id) => ({
      id,
      method: 'subscription',
      params: { path, input: transformer.input.serialize(input) },
    }))
    socket.send(JSON.stringify(messages))
  })
  socket.addEventListener('message', ({ data }) => {
    const message: { error?: SuperJSONResult; result?: { type: string } } = JSON.parse(data)
    if (message.error) results.push({ outcome: reasonOf(transformer.output.deserialize(message.error)) })
    else if (message.result?.type === 'data') results.push({ outcome: 'allowed' })
    if (results.length === calls.length) socket.close()
  })
  await closed
  return results
}
