import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { readRows } from '../../server/db/checked-rows.ts'
import { InstallationKeys } from '../../server/db/installation-keys.ts'
import { isCount, isDate, isFlag, isText, orNull } from '../../server/lib/checks.ts'
import { checkUnread } from '../../server/unread/unread-check.ts'
import { lineOf, nodesOf, readModules } from '../support/source-modules.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

describe('rows of statements that are written by hand', () => {
  test('are taken where every column is as promised, also in the last of them', async () => {
    const { db } = server.app.services.database
    const row = { n: isCount, name: orNull(isText), at: isDate, isOdd: isFlag }
    const select = sql`
      select n, case when n > 1 then 'two' end as name, now() as at, n % 2 = 1 as "isOdd" from generate_series(1, 2) as n`
    expect(await readRows(db, { row, sql: select })).toMatchObject([
      { n: 1, name: null, isOdd: true },
      { n: 2, name: 'two', isOdd: false },
    ])
    const faulty = { ...row, name: isText, missing: isText }
    await expect(readRows(db, { row: faulty, sql: select })).rejects.toThrow("statement's: name, missing")
    await expect(
      readRows(db, { row, sql: sql`select 1.5::numeric as n, 'a' as name, now() as at, true as "isOdd"` }),
    ).rejects.toThrow("statement's: n")
  })

  test('come in through the check, all of them', () => {
    const faults = readModules().flatMap(({ file, source, program }) =>
      [...nodesOf(program)].flatMap((node) => {
        if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return []
        const { object, property } = node.callee
        const method = property.type === 'Identifier' ? property.name : ''
        const isStatement = method === 'execute' && object.type === 'TaggedTemplateExpression' && object.typeArguments
        // The pool's own queries, but for those whose type the caller of `Database` gives.
        const isQuery = method === 'query' && node.typeArguments && file !== 'server/db/database.ts'
        return isStatement || isQuery
          ? [`${file}:${lineOf(source, node)} reads rows of a type that nothing checks; readRows does`]
          : []
      }),
    )
    expect(faults).toEqual([])
  })

  test('are as each statement promises', async () => {
    const { database, feeds, searchIndexer } = server.app.services
    const [ada, ben] = [server.caller('ada'), server.caller('ben')]
    await ben.auth.me()
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const message = await ada.message.send({ roomId, clientId: newId(), content: 'The tide is high' })
    await ada.message.send({ roomId, clientId: newId(), content: 'Aye', threadId: message.id })
    await ada.reaction.add({ roomId, messageId: message.id, emoji: '⚓' })
    // The database: its identity, its history, its migrations and its keys.
    expect(await database.identity()).toMatch(/^[0-9a-f]{12}$/)
    await database.reconcile()
    expect(await database.migrate()).toBeInstanceOf(Array)
    await sql`update secrets set created_at = created_at - interval '2 minutes'`.execute(database.db)
    expect(await new InstallationKeys(database).rotate('cursor')).toBe(true)
    // Markers and the search index.
    expect(await ben.receipt.read({ roomId, seq: message.seq })).toBeUndefined()
    while ((await ben.message.search({ query: 'tide' })).items.length === 0) await searchIndexer.settled()
    // Every way in which unread can be wrong.
    await sql`update rooms set last_ordinal = last_ordinal + 1 where id = ${roomId}::uuid`.execute(database.db)
    await sql`update messages set thread_count = 9, thread_last_ordinal = 9 where id = ${message.id}::uuid`.execute(
      database.db,
    )
    await sql`update members set read_ordinal = 0 where room_id = ${roomId}::uuid`.execute(database.db)
    await sql`update thread_follows set read_ordinal = 0 where room_id = ${roomId}::uuid`.execute(database.db)
    const differences = await checkUnread(database.db, { tenantId: 'default', roomId })
    expect(new Set(differences.map(({ what }) => what))).toEqual(
      new Set([
        'room.lastOrdinal',
        'thread.count',
        'thread.lastOrdinal',
        'viewer.readOrdinal',
        'viewer.unread',
        'follower.unread',
      ]),
    )
    // Where the rooms stand that are followed here.
    const { feed, release } = await feeds.acquire('default', roomId)
    feed.start('another', 0)
    await feeds.reconcile(new AbortController().signal)
    expect(feed.head).toBe((await ada.room.get({ roomId })).lastSeq)
    release()
  })
})
