import { Writable } from 'node:stream'
import { sql } from 'kysely'
import { Client } from 'pg'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { indexBatch } from '../../server/search/index-batch.ts'
import { SearchIndexer } from '../../server/search/search-indexer.ts'
import type { Message, SearchHit } from '../../shared/index.ts'
import { refusalOf } from '../rpc/refusal.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { searchGatherMs: 10 })
const { roomOf } = server

const say = (userId: string, roomId: string, content: string): Promise<Message> =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content })

const indexed = () => server.app.services.searchIndexer.settled()

const contents = (page: { items: SearchHit[] }) => page.items.map((hit) => hit.message.content)

async function found(userId: string, query: string, where: { roomId?: string } = {}): Promise<string[]> {
  await indexed()
  return contents(await server.caller(userId).message.search({ query, ...where }))
}

describe('what a query finds', () => {
  test.each([
    ['a word, whatever its case', 'PUMP', ['The pump is loud', 'Pumps, pump and pumping']],
    ['all of several words, in any order', 'loud pump', ['The pump is loud']],
    ['how the last word begins', 'lou', ['The pump is loud', 'A louder one']],
    ['how a word begins that says so', 'pum* is', ['The pump is loud']],
    ['a word as a whole, where another follows', 'pump lou*', ['The pump is loud']],
    ['a phrase', '"pump is"', ['The pump is loud']],
    ['not the words of a phrase in another order', '"is pump"', []],
    ['a phrase that is not closed', '"is loud', ['The pump is loud']],
    ['without what is excluded', 'pump -loud', ['Pumps, pump and pumping']],
    ['without an excluded phrase', 'pump -"is loud"', ['Pumps, pump and pumping']],
    ['parts of an address', 'example', ['See https://www.example.com/a_b-c?d=e']],
    ['a whole address', 'https://www.example.com/a_b-c?d=e', ['See https://www.example.com/a_b-c?d=e']],
    ['letters of other scripts', 'żółw', ['Żółw and 李小龙']],
    ['words without spaces around them by how they begin', '李小', ['Żółw and 李小龙']],
    ['what looks like syntax as the words in it', "loud' & !pump | :* <-> \\", ['The pump is loud']],
    ['nothing of other rooms’ digits', 'nowhere', []],
  ])('%s', async (_, query, expected) => {
    const name = newId()
    const roomId = await roomOf(name)
    for (const content of [
      'The pump is loud',
      'A louder one',
      'Pumps, pump and pumping',
      'See https://www.example.com/a_b-c?d=e',
      'Żółw and 李小龙',
    ]) {
      await say(name, roomId, content)
    }
    expect((await found(name, query)).sort()).toEqual(expected.sort())
  })

  test.each(['-pump', '"', '* - !', '???', ' \n'])('%j names nothing to look for, and is told so', async (query) => {
    expect(await refusalOf(() => server.caller('ada').message.search({ query }))).toMatchObject({
      reason: 'INVALID_INPUT',
      issues: [{ path: 'query' }],
    })
  })

  test('a sender, a time and a room narrow it down', async () => {
    const [first, second] = [await roomOf('ida', 'jon'), await roomOf('ida')]
    const early = await say('ida', first, 'A gauge')
    await say('jon', first, 'The gauge')
    const late = await say('ida', second, 'Gauges and gauge')
    await indexed()
    const ida = server.caller('ida')
    expect(contents(await ida.message.search({ query: 'gauge', senderId: 'jon' }))).toEqual(['The gauge'])
    expect(contents(await ida.message.search({ query: 'gauge', roomId: second }))).toEqual(['Gauges and gauge'])
    const until = early.createdAt
    expect(contents(await ida.message.search({ query: 'gauge', until }))).toEqual([])
    expect(contents(await ida.message.search({ query: 'gauge', since: late.createdAt }))).toEqual(['Gauges and gauge'])
  })
})

describe('who finds what', () => {
  test('members alone, of their own tenant, and a service everything', async () => {
    const roomId = await roomOf('kim', 'lea')
    await say('kim', roomId, 'The combination is 4711')
    expect(await found('lea', '4711')).toHaveLength(1)
    expect(await found('dov', '4711')).toEqual([])
    const host = server.caller('host', { role: 'service' })
    expect(contents(await host.message.search({ query: '4711' }))).toHaveLength(1)
    const elsewhere = server.caller('kim', { tenant: 'elsewhere' })
    expect(contents(await elsewhere.message.search({ query: '4711' }))).toEqual([])

    await server.caller('kim').member.remove({ roomId, userId: 'lea' })
    expect(await found('lea', '4711')).toEqual([])
    await server.caller('kim').room.delete({ roomId })
    expect(contents(await host.message.search({ query: '4711' }))).toEqual([])
  })

  test('who sees history from joining on finds from there on', async () => {
    const roomId = await roomOf('mia')
    const mia = server.caller('mia')
    await mia.room.update({ roomId, historyVisibility: 'joined' })
    await say('mia', roomId, 'Whispered before')
    await server.caller('noa').auth.me()
    await mia.member.add({ roomId, userIds: ['noa'] })
    await say('mia', roomId, 'Whispered after')
    expect(await found('noa', 'whispered')).toEqual(['Whispered after'])
    expect(await found('noa', 'whispered', { roomId })).toEqual(['Whispered after'])
    expect(await found('mia', 'whispered')).toHaveLength(2)
  })

  test('nobody finds what they have hidden from themselves', async () => {
    const roomId = await roomOf('xia', 'yan')
    const { id: messageId } = await say('xia', roomId, 'Spoiler')
    await server.caller('yan').message.hide({ roomId, messageId })
    expect(await found('yan', 'spoiler')).toEqual([])
    expect(await found('xia', 'spoiler')).toHaveLength(1)
  })

  test('what lies before the beginning of the room’s history is not found', async () => {
    const roomId = await roomOf('ola')
    const old = await say('ola', roomId, 'Expired secret')
    const { db } = server.app.services.database
    await indexed()
    await sql`update rooms set history_from_seq = ${old.seq + 1} where id = ${roomId}::uuid`.execute(db)
    expect(await found('ola', 'expired')).toEqual([])
  })
})

describe('edits and deletes', () => {
  test('an edited message is found by its new words alone', async () => {
    const roomId = await roomOf('pia')
    const { id: messageId } = await say('pia', roomId, 'A typpo')
    expect(await found('pia', 'typpo')).toHaveLength(1)
    const pia = server.caller('pia')
    await pia.message.edit({ roomId, messageId, content: 'A typo' })
    // Also before the index knows of it.
    expect(contents(await pia.message.search({ query: 'typpo' }))).toEqual([])
    expect(await found('pia', 'typo')).toEqual(['A typo'])
    expect(await found('pia', 'typpo')).toEqual([])
  })

  test('a deleted message is found no more, and leaves no word in the index', async () => {
    const roomId = await roomOf('quin')
    const { id: messageId } = await say('quin', roomId, 'Regretted')
    expect(await found('quin', 'regretted')).toHaveLength(1)
    await server.caller('quin').message.delete({ roomId, messageId })
    expect(contents(await server.caller('quin').message.search({ query: 'regretted' }))).toEqual([])
    await indexed()
    const { db } = server.app.services.database
    expect(await db.selectFrom('message_search').select('words').where('room_id', '=', roomId).execute()).toEqual([
      { words: '' },
    ])
  })
})

describe('the index', () => {
  test('finds by its round what nobody noticed, also when it is emptied', async () => {
    const roomId = await roomOf('rob')
    const sent: string[] = []
    for (let n = 0; n < 7; n++) sent.push((await say('rob', roomId, `Unnoticed number ${n}`)).content)
    await indexed()
    const { searchIndexer, database } = server.app.services
    await database.db.deleteFrom('message_search').where('room_id', '=', roomId).execute()
    await database.db.deleteFrom('search_progress').where('room_id', '=', roomId).execute()
    await searchIndexer.reconcile()
    expect((await found('rob', 'unnoticed')).sort()).toEqual(sent)
  })

  test('passes over a room that another server is at, and is not through with it', async () => {
    const roomId = await roomOf('uma')
    await say('uma', roomId, 'Before')
    await indexed()
    const { searchIndexer, database } = server.app.services
    const room = { tenantId: 'default', roomId }
    await database.db.transaction().execute(async (tx) => {
      await tx.selectFrom('search_progress').select('room_id').where('room_id', '=', roomId).forNoKeyUpdate().execute()
      await say('uma', roomId, 'Meanwhile')
      expect(await indexBatch(database, [room], 10)).toMatchObject([room])
      expect(contents(await server.caller('uma').message.search({ query: 'meanwhile' }))).toEqual([])
      await expect.poll(() => searchIndexer.waiting).toBe(1)
    })
    expect(await found('uma', 'meanwhile')).toEqual(['Meanwhile'])
    expect(await indexBatch(database, [room], 10)).toEqual([])
    expect(searchIndexer.waiting).toBe(0)
  })

  test('keeps a room whose turn failed, and says so once', async () => {
    const roomId = await roomOf('wes')
    await say('wes', roomId, 'Patience')
    await indexed()
    const { database } = server.app.services
    await database.db.deleteFrom('search_progress').where('room_id', '=', roomId).execute()
    const failed = Promise.withResolvers<void>()
    const warnings: string[] = []
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        warnings.push(chunk.toString())
        failed.resolve()
        done()
      },
    })
    const indexer = new SearchIndexer(database, pino({ level: 'warn' }, sink), 10, new AbortController().signal)
    await sql`alter table message_search rename to message_search_away`.execute(database.db)
    indexer.notice({ tenantId: 'default', roomId })
    await failed.promise
    await sql`alter table message_search_away rename to message_search`.execute(database.db)
    expect(indexer.waiting).toBe(1)
    await indexer.settled()
    expect([indexer.waiting, warnings.length]).toEqual([0, 1])
    expect(await found('wes', 'patience')).toEqual(['Patience'])
  })

  test('takes many messages of a room in several batches', async () => {
    const roomId = await roomOf('vic')
    for (let n = 0; n < 5; n++) await say('vic', roomId, `Step ${n}`)
    await indexed()
    const { database } = server.app.services
    await database.db.deleteFrom('search_progress').where('room_id', '=', roomId).execute()
    const room = { tenantId: 'default', roomId }
    // The room's own beginning is in its log as well.
    expect(await indexBatch(database, [room], 4)).toMatchObject([room])
    expect(await indexBatch(database, [room], 10)).toEqual([])
  })

  test('goes with the messages', async () => {
    const roomId = await roomOf('sam')
    await say('sam', roomId, 'Purged')
    await indexed()
    const { db } = server.app.services.database
    await db.deleteFrom('messages').where('room_id', '=', roomId).execute()
    expect(await db.selectFrom('message_search').select('seq').where('room_id', '=', roomId).execute()).toEqual([])
  })
})

describe('pages', () => {
  test('go through all matches once, beyond the first window too, while some come and others go', async () => {
    const roomId = await roomOf('tia')
    const { db } = server.app.services.database
    await sql`
      insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content, created_at)
      select 'default', ${roomId}::uuid, n, gen_random_uuid(), n, n, 'tia', gen_random_uuid(), '\\x00', 'text',
        'Valve ' || n || case when n % 3 = 0 then ' valve valve' else ' and other things' end, now() - n % 100 * interval '1 hour'
      from generate_series(100, 1299) as n`.execute(db)
    await sql`update rooms set last_seq = 1299, last_ordinal = 1299, last_message_at = now() where id = ${roomId}::uuid`.execute(
      db,
    )
    await server.app.services.searchIndexer.reconcile()
    await indexed()
    const tia = server.caller('tia')
    const [seen, deleted] = [new Array<string>(), new Array<string>()]
    let cursor: string | null = null
    do {
      const page: { items: SearchHit[]; nextCursor: string | null } = await tia.message.search({
        query: 'valve',
        limit: 100,
        ...(cursor === null ? {} : { cursor }),
      })
      seen.push(...contents(page))
      cursor = page.nextCursor
      for (let count = 0; count < 5; count++) await say('tia', roomId, 'A newer valve')
      const gone = (await tia.message.list({ roomId, limit: 100 })).items.filter(
        ({ content, deletedAt }) => content.startsWith('Valve') && !deletedAt && !seen.includes(content),
      )
      for (const { id: messageId, content } of gone.slice(0, 5)) {
        await tia.message.delete({ roomId, messageId })
        deleted.push(content)
      }
      await indexed()
    } while (cursor !== null)
    const old = seen.filter((content) => content.startsWith('Valve'))
    expect(old).toHaveLength(1_200 - deleted.length)
    expect(new Set(old).size).toBe(old.length)
    expect(deleted.length).toBeGreaterThan(10)
    // Of matches of the same time the more relevant one comes first.
    expect(seen[0]).toContain('valve valve')
  })

  test('a cursor belongs to its search', async () => {
    const roomId = await roomOf('una')
    for (const word of ['one', 'two', 'three']) await say('una', roomId, `Piston ${word}`)
    await indexed()
    const una = server.caller('una')
    const { nextCursor } = await una.message.search({ query: 'piston', limit: 1 })
    const cursor = nextCursor ?? ''
    const refusals = [
      await refusalOf(() => una.message.search({ query: 'piston one', cursor })),
      await refusalOf(() => una.message.search({ query: 'piston', roomId, cursor })),
      await refusalOf(() => server.caller('ada').message.search({ query: 'piston', cursor })),
    ]
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ reason: 'INVALID_INPUT', issues: [{ path: 'cursor' }] })
    expect((await una.message.search({ query: 'piston', cursor })).items).toHaveLength(2)
  })
})

describe('a search that takes too long', () => {
  test('ends with an answer of its own', async () => {
    const roomId = await roomOf('vic')
    await say('vic', roomId, 'Somewhere')
    await indexed()
    const blocker = new Client({ connectionString: server.database.url })
    await blocker.connect()
    try {
      await blocker.query('begin; lock table message_search in access exclusive mode')
      expect(await refusalOf(() => server.caller('vic').message.search({ query: 'somewhere' }))).toMatchObject({
        reason: 'SEARCH_TIMEOUT',
      })
    } finally {
      await blocker.end()
    }
    expect(await found('vic', 'somewhere')).toHaveLength(1)
  })
})

describe('over a socket', () => {
  test('a client finds a message within moments, with what to highlight', async () => {
    const wim = await server.connect('wim')
    const { id: roomId } = await wim.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const message = await wim.message.send.mutate({ roomId, clientId: newId(), content: 'Mind the <b>flywheel</b>!' })
    await indexed()
    expect(await wim.message.search.query({ query: 'fly' })).toEqual({
      items: [{ message, snippet: { text: 'Mind the <b>flywheel</b>!', matches: [[12, 8]] } }],
      nextCursor: null,
    })
  })
})
