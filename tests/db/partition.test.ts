import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Statement } from '../../bench/peers/statement-watch.ts'
import { partitionByTenant } from '../../server/db/partition.ts'
import { planOf } from '../support/query-plan.ts'
import { newId, useTestApp } from '../support/test-app.ts'
import { watchedStatements } from '../support/watched-statements.ts'

const PARTITIONS = 4
const TENANT = 'harbour'

const server = useTestApp()
const caller = (userId: string) => server.caller(userId, { tenant: TENANT })

/** What the tables are made of, whether they are split or not. */
const SHAPE = `
  select relname as table, 'key' as what, conname as name, pg_get_constraintdef(pg_constraint.oid) as definition
  from pg_constraint join pg_class on pg_class.oid = conrelid
  where connamespace = 'public'::regnamespace and not relispartition and conparentid = 0
  union all
  select pg_class.relname, 'index', index_name.relname, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
  from pg_index join pg_class on pg_class.oid = indrelid join pg_class as index_name on index_name.oid = indexrelid
  where pg_class.relnamespace = 'public'::regnamespace and not pg_class.relispartition
  union all
  select relname, 'column', attname, format_type(atttypid, atttypmod) || coalesce(' ' || pg_get_expr(adbin, adrelid), '')
  from pg_attribute join pg_class on pg_class.oid = attrelid left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and attnum > 0
  order by 1, 2, 3`

const FILL = `select distinct reloptions from pg_class where relname ~ '^rooms_\\d+$'`

const client = (): Client => new Client({ connectionString: server.database.url })
let postgres: Client
let before: { shape: unknown; state: unknown; rooms: unknown; thread: unknown }
let [roomId, rootId]: string[] = []
let split: string[]

const look = async () => ({
  state: await caller('ada').room.snapshot({ roomId: `${roomId}` }),
  rooms: await caller('ben').room.list({}),
  thread: await caller('ben').message.thread({ roomId: `${roomId}`, threadId: `${rootId}` }),
})

/** Thirty tenants more, each with some rooms, members and messages, so that plans are made for what a server of many tenants has. */
const MANY_TENANTS = [
  `insert into users (tenant_id, id, name) select 'tenant ' || t, 'user ' || u, 'User ' || u
    from generate_series(1, 30) as t, generate_series(1, 40) as u`,
  `insert into rooms (tenant_id, id, kind, name, is_private, created_by, epoch_seed, last_seq, last_ordinal, seq, changed_seq)
    select 'tenant ' || t, md5(t || '/' || r)::uuid, 'group', 'Room ' || r, true, 'user 1', gen_random_uuid(), 300, 250, 1, 1
    from generate_series(1, 30) as t, generate_series(1, 8) as r`,
  `insert into members (tenant_id, room_id, user_id, user_name, role, joined_at, seq, joined_seq, changed_seq)
    select 'tenant ' || t, md5(t || '/' || r)::uuid, 'user ' || u, 'User ' || u, 'member', now(), u, u, u
    from generate_series(1, 30) as t, generate_series(1, 8) as r, generate_series(1, 40) as u`,
  `insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content)
    select 'tenant ' || t, md5(t || '/' || r)::uuid, 50 + n, gen_random_uuid(), 50 + n, n, 'user ' || n % 40 + 1,
      gen_random_uuid(), '\\x00', 'text', 'Number ' || n
    from generate_series(1, 30) as t, generate_series(1, 8) as r, generate_series(1, 250) as n`,
  'analyze',
]

beforeAll(async () => {
  postgres = client()
  await postgres.connect()
  for (const name of ['ada', 'ben', 'cleo']) await caller(name).auth.me()
  const ada = caller('ada')
  const room = await ada.room.create({ kind: 'group', name: 'Pilots', memberIds: ['ben', 'cleo'] })
  roomId = room.id
  const send = (content: string, more: object = {}) =>
    ada.message.send({ roomId: room.id, clientId: newId(), content, ...more })
  const root = await send('High water at ten')
  rootId = root.id
  await caller('ben').message.send({
    roomId,
    clientId: newId(),
    content: 'Thanks',
    threadId: root.id,
    mentions: ['ada'],
  })
  await caller('ben').reaction.add({ roomId, messageId: root.id, emoji: '⚓' })
  await ada.message.pin({ roomId, messageId: root.id })
  const typo = await send('The tug is lat')
  await ada.message.edit({ roomId, messageId: typo.id, content: 'The tug is late' })
  await caller('cleo').message.hide({ roomId, messageId: typo.id })
  await ada.room.direct({ userId: 'ben' })
  before = { shape: (await postgres.query(SHAPE)).rows, ...(await look()) }
  split = await partitionByTenant(server.app.services.database.db, PARTITIONS)
  for (const statement of MANY_TENANTS) await postgres.query(statement)
}, 60_000)

afterAll(() => postgres.end())

describe('tables that were split by tenant', () => {
  test('keep their columns, keys and indexes, by name, and what is in them', async () => {
    expect(split).toEqual(
      expect.arrayContaining(['users', 'rooms', 'members', 'messages', 'mentions', 'message_search']),
    )
    expect((await postgres.query(SHAPE)).rows).toEqual(before.shape)
    expect((await postgres.query(FILL)).rows).toEqual([{ reloptions: ['fillfactor=50'] }])
    const { state, rooms, thread } = before
    expect(await look()).toEqual({ state, rooms, thread })
  })

  test('are left alone the second time', async () => {
    expect(await partitionByTenant(server.app.services.database.db, 2)).toEqual([])
  })

  test('leave the audit log whole, whose trigger would not guard partitions', async () => {
    expect(split).not.toContain('audit_log')
  })

  test('keep every promise that a key gave', async () => {
    const ada = caller('ada')
    const clientId = newId()
    const sends = Array.from({ length: 20 }, () => ada.message.send({ roomId: `${roomId}`, clientId, content: 'Once' }))
    expect(new Set((await Promise.all(sends)).map((message) => message.id)).size).toBe(1)
    const pair = await Promise.all([ada.room.direct({ userId: 'cleo' }), caller('cleo').room.direct({ userId: 'ada' })])
    expect(pair[0].id).toBe(pair[1].id)
    await expect(
      postgres.query(`insert into members (tenant_id, room_id, user_id, user_name, role, joined_at, seq, joined_seq,
      changed_seq) values ('harbour', gen_random_uuid(), 'ada', 'Ada', 'member', now(), 1, 1, 1)`),
    ).rejects.toThrow('foreign key')
  })
})

describe('each hot statement touches one partition of a table', () => {
  /** The partitions that a statement reads when it is run as the server runs it. */
  async function partitionsOf(statement: Statement): Promise<string[]> {
    const read = (await planOf(postgres, statement, { isRun: true })).filter((node) => (node['Actual Loops'] ?? 0) > 0)
    return [
      ...new Set(read.flatMap((node) => node['Relation Name'] ?? []).filter((table) => /_\d+$/.test(table))),
    ].sort()
  }

  /** Not what goes over all tenants, now and then; nor the search index, which is written behind, of several tenants at a time. */
  const isOfTenant = ({ text, values }: Statement) =>
    values.flat().includes(TENANT) && !text.includes('search_progress')

  const tableOf = (partition: string) => partition.replace(/_\d+$/, '')

  const CALLS: [name: string, tables: string[], call: () => Promise<unknown>][] = [
    [
      'a send',
      ['members', 'messages', 'rooms'],
      () => caller('ada').message.send({ roomId: `${roomId}`, clientId: newId(), content: 'Slack water' }),
    ],
    [
      'a reply with a mention',
      ['members', 'messages', 'rooms'],
      () =>
        caller('ada').message.send({
          roomId: `${roomId}`,
          clientId: newId(),
          content: 'Slack water',
          threadId: `${rootId}`,
          mentions: ['ben'],
        }),
    ],
    ['a page of history', ['messages'], () => caller('ben').message.list({ roomId: `${roomId}` })],
    [
      'a page of a thread',
      ['messages'],
      () => caller('ben').message.thread({ roomId: `${roomId}`, threadId: `${rootId}` }),
    ],
    ['a snapshot', ['members', 'messages', 'rooms'], () => caller('ben').room.snapshot({ roomId: `${roomId}` })],
    ['the list of rooms', ['members', 'messages', 'rooms'], () => caller('ben').room.list({})],
    ['the inbox', ['members', 'rooms'], () => caller('ben').inbox.get()],
    ['a read marker', ['members'], () => caller('ben').receipt.read({ roomId: `${roomId}`, seq: 4 })],
    [
      'an edit',
      ['messages', 'rooms'],
      () => caller('ada').message.edit({ roomId: `${roomId}`, messageId: `${rootId}`, content: 'At eleven' }),
    ],
    [
      'a reaction',
      ['messages', 'rooms'],
      () => caller('cleo').reaction.add({ roomId: `${roomId}`, messageId: `${rootId}`, emoji: '⚓' }),
    ],
    ['a search', ['message_search'], () => caller('ben').message.search({ query: 'water' })],
    [
      'what changed since',
      ['messages'],
      async () => {
        const events = await caller('ben').room.changes({ roomId: `${roomId}` })
        await caller('ada').message.send({ roomId: `${roomId}`, clientId: newId(), content: 'Ebb' })
        return caller('ben').room.changes({ roomId: `${roomId}`, after: events.position })
      },
    ],
    [
      'a stream and its poll',
      ['members', 'rooms'],
      async () => {
        const ending = new AbortController()
        const reader = server.app.createCaller({ userId: 'ben', tenant: TENANT }, { signal: ending.signal })
        const events = (await reader.room.onEvent({ roomId: `${roomId}` }))[Symbol.asyncIterator]()
        await events.next()
        await caller('ada').message.send({ roomId: `${roomId}`, clientId: newId(), content: 'Flood' })
        await events.next()
        await server.app.services.feeds.reconcile(ending.signal)
        ending.abort()
        await events.return?.()
      },
    ],
  ]

  test.each(CALLS)('%s', async (_name, tables, call) => {
    const statements = (await watchedStatements(call)).filter(isOfTenant)
    const touched: string[][] = []
    for (const statement of statements) touched.push(await partitionsOf(statement))
    for (const [index, partitions] of touched.entries()) {
      expect(partitions, statements[index]?.text).toHaveLength(new Set(partitions.map(tableOf)).size)
    }
    // Of the same tenant, so of the same remainder; and the calls do read what they are said to read.
    expect(new Set(touched.flat().map((partition) => partition.replace(/^.*_/, ''))).size).toBe(1)
    expect(touched.flat().map(tableOf)).toEqual(expect.arrayContaining(tables))
  })
})
