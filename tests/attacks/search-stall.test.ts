import { TRPCClientError } from '@trpc/client'
import { sql } from 'kysely'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { POOL_SIZE } from '../../server/db/pool.ts'
import { LIMITS } from '../../shared/limits.ts'
import { longestHold } from '../support/loop-hold.ts'
import { newId, useTestApp } from '../support/test-app.ts'
import { statementsByConnection } from '../support/watched-statements.ts'

const server = useTestApp({}, { searchGatherMs: 10 })

/** What one caller may hold the loop at most, with a margin for a client in the same process and a busy machine. */
const HOLD_MS = 100

/** A room of one who says the same thing many times. */
async function roomOf(userId: string, content: string, count: number): Promise<string> {
  await server.caller(userId).auth.me()
  const { id: roomId } = await server.caller(userId).room.create({ kind: 'group', name: 'Engine room' })
  const { db } = server.app.services.database
  await sql`
    insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content)
    select 'default', ${roomId}::uuid, 10 + n, gen_random_uuid(), 10 + n, n, ${userId}, gen_random_uuid(), '\\x00', 'text', ${content}
    from generate_series(1, ${count}::int) as n`.execute(db)
  await sql`
    update rooms set last_seq = 10 + ${count}::int, last_ordinal = ${count}::int, last_message_at = now()
    where id = ${roomId}::uuid`.execute(db)
  await server.app.services.searchIndexer.reconcile()
  await server.app.services.searchIndexer.settled()
  return roomId
}

/** The time of a search passes on a busy machine, too: it is asked for again until it has had enough. */
async function inItsTime<T>(search: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await search()
    } catch (error) {
      if (!(error instanceof TRPCClientError) || error.data?.reason !== 'SEARCH_TIMEOUT') throw error
    }
  }
}

/** What a call came to. */
const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    (answer) => (isPage(answer) ? `found ${answer.items.length}` : 'answered'),
    (error: unknown) => (error instanceof TRPCClientError ? String(error.data?.reason) : String(error)),
  )

const isPage = (answer: unknown): answer is { items: unknown[] } =>
  typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items)

const same = 'a '.repeat(LIMITS.content / 2)
const many = Array.from({ length: 50 }, () => 'a').join(' ')

describe('the loop', () => {
  test.each([
    ['one word', 'a'],
    ['as many words as there may be', many],
    ['a phrase that nearly matches everywhere', `"${many.slice(0, 90)}" a`],
  ])('a search for %s in a hundred messages that hold nothing else does not hold the loop', async (_, query) => {
    const userId = newId()
    const roomId = await roomOf(userId, same, 100)
    const client = await server.connect(userId, {}, { maxWaitMs: 0 })
    await client.message.search.query({ query: 'nothing' })
    const { result, cpuMs } = await longestHold(() =>
      inItsTime(() => client.message.search.query({ query, roomId, limit: 100 })),
    )
    expect(result.items).toHaveLength(100)
    for (const { snippet } of result.items) expect(snippet.text.startsWith('a a a')).toBe(true)
    expect(cpuMs).toBeLessThan(HOLD_MS)
  })
})

describe('searches that take too long, many at once', () => {
  test('are all over in time, and leave connections to everybody else', async () => {
    const userIds = Array.from({ length: 4 }, newId)
    const [userId = ''] = userIds
    const [roomId = ''] = await Promise.all(userIds.map((each) => roomOf(each, 'needle', 1)))
    const clients = await Promise.all(userIds.map((each) => server.connect(each, {}, { maxWaitMs: 0 })))
    await Promise.all(clients.map((client) => client.auth.me.query()))
    const blocker = new Client({ connectionString: server.database.url })
    await blocker.connect()
    try {
      await blocker.query('begin; lock table message_search in access exclusive mode')
      const connections = await statementsByConnection(async () => {
        const searches = clients.flatMap((client) =>
          Array.from({ length: 30 }, () => outcomeOf(client.message.search.query({ query: 'needle' }))),
        )
        for (let count = 0; count < 10; count++) {
          expect(await outcomeOf(server.caller(userId).room.get({ roomId }))).toBe('answered')
        }
        expect(new Set(await Promise.all(searches))).toEqual(new Set(['SEARCH_TIMEOUT']))
      })
      // The time of a search is that of its wait as well: what did not have its turn in time never begins.
      const begun = connections.flat().filter(({ text }) => text.includes('message_search'))
      expect(begun.length).toBeGreaterThan(0)
      expect(begun.length).toBeLessThanOrEqual(POOL_SIZE / 4)
    } finally {
      await blocker.end()
    }
    const [first] = clients
    expect(await outcomeOf(first?.message.search.query({ query: 'needle' }) ?? Promise.reject())).toBe('found 1')
  })
})
