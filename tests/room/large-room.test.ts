import { sql } from 'kysely'
import { Client } from 'pg'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { LIMITS } from '../../shared/index.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { reconcileMs: 600_000 })

/** `LARGE_ROOM=10000` measures a room of that size and prints the figures. */
const asked = process.env['LARGE_ROOM']
const SIZE = Number(asked ?? 400)
const figures: Record<string, string> = {}

const userName = (index: number) => `m${String(index).padStart(6, '0')}`
const host = () => server.caller('host', { role: 'service' })

/** Milliseconds of one call, the median of several. */
async function timed(name: string, call: (round: number) => Promise<unknown>, rounds = 11): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await call(round)
    times.push(performance.now() - start)
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
  figures[name] = `${median.toFixed(1)} ms`
}

let large = ''
let small = ''

beforeAll(async () => {
  for (const name of ['ada', 'ben', 'host']) await server.caller(name).auth.me()
  const { db } = server.app.services.database
  await sql`
    insert into users (tenant_id, id, name)
    select 'default', 'm' || lpad(n::text, 6, '0'), 'Member ' || n from generate_series(0, ${SIZE - 1}) as n`.execute(
    db,
  )
  const create = async () => (await server.caller('ada').room.create({ kind: 'channel', name: 'Town hall' })).id
  large = await create()
  small = await create()
  const chunks = Array.from({ length: Math.ceil(SIZE / LIMITS.userIds) }, (_, chunk) =>
    Array.from({ length: Math.min(LIMITS.userIds, SIZE - chunk * LIMITS.userIds) }, (__, index) =>
      userName(chunk * LIMITS.userIds + index),
    ),
  )
  const add = (chunk: number) => host().member.add({ roomId: large, userIds: chunks[chunk] ?? [] })
  const start = performance.now()
  await timed('adding a hundred members, the first calls', add, Math.min(3, chunks.length))
  for (let chunk = 3; chunk < chunks.length - 3; chunk++) await add(chunk)
  const last = Math.max(3, chunks.length - 3)
  await timed('adding a hundred members, the last calls', (round) => add(last + round), chunks.length - last)
  figures['adding all of them'] = `${((performance.now() - start) / 1_000).toFixed(1)} s`
  // As Postgres does by itself after a minute.
  await sql`analyze`.execute(db)
}, 300_000)

/** What a call asks of the database. */
async function statementsOf(call: () => Promise<unknown>): Promise<{ text: string; values: unknown[] }[]> {
  const query = vi.spyOn(Client.prototype, 'query')
  await call()
  const calls: unknown[][] = query.mock.calls
  query.mockRestore()
  return calls.flatMap(([first, second]) => {
    const { text, values } = { text: first, values: second, ...Object(typeof first === 'object' ? first : {}) }
    if (typeof text !== 'string' || !/^\s*(select|insert|update|with)/i.test(text)) return []
    // An entry's id is taken once; it looks at nobody.
    if (text.startsWith('insert into "audit_log"')) return []
    return [{ text, values: Array.isArray(values) ? values : [] }]
  })
}

interface PlanNode {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Join Filter'?: number
  Plans?: PlanNode[]
}

/** Rows of members and users that a plan has looked at. */
function peopleRead(node: PlanNode): number {
  const isOfPeople = ['members', 'users'].includes(node['Relation Name'] ?? '')
  const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
  return (isOfPeople ? rows : 0) + (node.Plans ?? []).reduce((sum, each) => sum + peopleRead(each), 0)
}

/** How many rows of members and users a call reads, found by asking the same again of a database that forgets it. */
async function peopleReadBy(call: () => Promise<unknown>): Promise<number> {
  const statements = await statementsOf(call)
  expect(statements.length).toBeGreaterThan(0)
  const client = new Client({ connectionString: server.database.url })
  await client.connect()
  try {
    // In a table this small a scan would be cheaper; in one where it matters it is not.
    await client.query('set enable_seqscan = off')
    let people = 0
    for (const { text, values } of statements) {
      await client.query('begin')
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (analyze, format json) ${text}`,
        values,
      )
      await client.query('rollback')
      const plan = rows[0]?.['QUERY PLAN'][0].Plan
      people += plan ? peopleRead(plan) : 0
    }
    return people
  } finally {
    await client.end()
  }
}

describe(`a room of ${SIZE} members`, () => {
  test('is large: its snapshot lists no members, which are paged, each once', async () => {
    const state = await server.caller('ada').room.snapshot({ roomId: large })
    expect(state).toMatchObject({ members: [], room: { isLarge: true, memberCount: SIZE + 1 } })
    expect(JSON.stringify(state).length).toBeLessThan(2_000)
    const ids: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await server.caller('ada').member.list({ roomId: large, limit: 100, ...(cursor ? { cursor } : {}) })
      ids.push(...page.items.map((member) => member.userId))
      cursor = page.nextCursor
    }
    expect(ids).toEqual(['ada', ...Array.from({ length: SIZE }, (_, index) => userName(index))])
  })

  const calls: [what: string, call: (roomId: string) => Promise<unknown>][] = [
    ['sending', (roomId) => server.caller('ada').message.send({ roomId, clientId: newId(), content: 'Hello' })],
    ['joining', (roomId) => server.caller('ben').room.join({ roomId })],
    ['reading', (roomId) => server.caller('ben').receipt.read({ roomId, seq: 1_000_000 })],
    ['typing', (roomId) => server.caller('ben').typing.set({ roomId, isTyping: true })],
    ['a list of messages', (roomId) => server.caller('ben').message.list({ roomId, limit: 1 })],
    ['the room', (roomId) => server.caller('ben').room.get({ roomId })],
    ['settings', (roomId) => server.caller('ben').room.settings({ roomId, isPinned: true, nickname: 'Benny' })],
    ['making another the owner', (roomId) => host().member.setRole({ roomId, userId: 'ben', role: 'owner' })],
    ['and back', (roomId) => host().member.setRole({ roomId, userId: 'ada', role: 'owner' })],
    ['leaving', (roomId) => server.caller('ben').room.leave({ roomId })],
    ['changing it', (roomId) => server.caller('ada').room.update({ roomId, description: newId() })],
  ]

  test.each(calls)('%s looks at as few members as in a small one', async (_, call) => {
    const [inLarge, inSmall] = [await peopleReadBy(() => call(large)), await peopleReadBy(() => call(small))]
    expect(inLarge).toBe(inSmall)
    expect(inLarge).toBeLessThan(30)
  })

  test('its snapshot reads the caller’s row alone, and those of the authors', async () => {
    expect(await peopleReadBy(() => server.caller('ada').room.snapshot({ roomId: large, messages: 1 }))).toBeLessThan(
      10,
    )
  })

  test('a message writes the row of its sender and no other member’s', async () => {
    const { db } = server.app.services.database
    const versions = async () => {
      const { rows } = await sql<{ user_id: string; xmin: string }>`
        select user_id, xmin::text from members where room_id = ${large}::uuid`.execute(db)
      return new Map(rows.map((row) => [row.user_id, row.xmin]))
    }
    const before = await versions()
    await server.caller('ada').message.send({ roomId: large, clientId: newId(), content: 'Hello' })
    const after = await versions()
    expect([...after.keys()].filter((userId) => after.get(userId) !== before.get(userId))).toEqual(['ada'])
  })

  test('its presence is by request', async () => {
    const stream = await server.caller('ada').presence.onChange({ roomId: large })
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'LARGE_ROOM' })
    expect(await server.caller('ada').presence.get({ userIds: [userName(0), userName(1)] })).toHaveLength(2)
  })

  test.runIf(asked)('costs, measured', { timeout: 120_000 }, async () => {
    for (const [name, roomId] of Object.entries({ [`with ${SIZE} members`]: large, 'with one member': small })) {
      const ada = server.caller('ada')
      await timed(`send ${name}`, () => ada.message.send({ roomId, clientId: newId(), content: 'Hello' }), 101)
      await timed(`join ${name}`, async (round) => {
        if (round > 0) await server.caller('ben').room.leave({ roomId })
        await server.caller('ben').room.join({ roomId })
      })
      await server.caller('ben').room.leave({ roomId })
      await timed(`snapshot ${name}`, () => ada.room.snapshot({ roomId }))
      await timed(`room.list ${name}`, () => ada.room.list())
    }
    await timed('hand over', (round) =>
      host().member.setRole({ roomId: large, userId: round % 2 ? 'ada' : userName(0), role: 'owner' }),
    )
    const { nextCursor } = await server.caller('ada').member.list({ roomId: large, limit: 100 })
    await timed('a page of members', () =>
      server.caller('ada').member.list({ roomId: large, limit: 100, cursor: nextCursor ?? '' }),
    )
    const { position } = await server.caller('ada').room.changes({ roomId: large })
    const after = position.replace(/\d+$/, '1')
    await timed('a page of the log, from its beginning', () =>
      server.caller('ada').room.changes({ roomId: large, after }),
    )
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  })
})
