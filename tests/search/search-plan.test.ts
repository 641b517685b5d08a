import { Client } from 'pg'
import { expect, test } from 'vitest'
import { type PlanNode, planOf } from '../support/query-plan.ts'
import { newId, useTestApp } from '../support/test-app.ts'
import { watchedStatements } from '../support/watched-statements.ts'

const server = useTestApp({}, { searchGatherMs: 10 })

const scannedTables = (nodes: PlanNode[]) =>
  nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'])

/** Twelve hundred messages in each room; every tenth message says what is looked for, so Postgres can't think it rare. */
async function grow(client: Client, roomIds: string[]): Promise<void> {
  // The indexer of the server is not to find messages that this is about to index.
  await client.query('begin')
  await client.query(
    `insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content)
    select 'default', room_id, 10 + n, gen_random_uuid(), 10 + n, n, 'ada', gen_random_uuid(), '\\x00', 'text',
      case when n % 10 = 0 then 'The spare key is in the shared folder' else 'Number ' || n || ' is ready' end
    from unnest($1::uuid[]) as room_id, generate_series(1, 1200) as n`,
    [roomIds],
  )
  // The check of the next insert's foreign key is planned by what is known of the messages then.
  await client.query('analyze messages')
  await client.query(
    `insert into message_search (tenant_id, room_id, seq, changed_seq, message_id, sender_id, sent_at, words)
    select tenant_id, room_id, seq, changed_seq, id, sender_id, date_trunc('milliseconds', created_at), search_words(content)
    from messages where seq > 10`,
  )
  await client.query('update rooms set last_seq = 1210, last_ordinal = 1200, last_message_at = now()')
  await client.query('commit')
  await client.query('analyze')
}

test('what is indexed is looked up by key, also where that was planned while nothing was there', async () => {
  const ada = server.caller('ada')
  const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Quiet' })
  const statements = await watchedStatements(async () => {
    await ada.message.send({ roomId, clientId: newId(), content: 'Anybody here?' })
    await server.app.services.searchIndexer.settled()
  })
  const index = statements.find(({ name }) => name === 'search-index')
  if (!index) throw new Error('Nothing was indexed')
  await using closing = new AsyncDisposableStack()
  const client = closing.adopt(new Client({ connectionString: server.database.url }), (open) => open.end())
  await client.connect()
  const scans = (await planOf(client, index, { isRun: false })).filter(
    (node) => node['Relation Name'] !== undefined && node['Node Type'].includes('Scan'),
  )
  expect(scans.map((scan) => scan['Relation Name'] ?? '').toSorted((a, b) => a.localeCompare(b))).toEqual([
    'messages',
    'messages',
    'rooms',
    'rooms',
    'search_progress',
    'search_progress',
  ])
  for (const scan of scans) {
    expect([scan['Relation Name'], scan['Index Cond']]).toEqual([
      scan['Relation Name'],
      expect.stringMatching(
        scan['Relation Name'] === 'messages'
          ? /tenant_id = .* AND .*room_id = .* AND .*seq > /
          : /tenant_id = .* AND .*id = /,
      ),
    ])
  }
})

test('a search and a page of history read by index, whatever is asked for', async () => {
  const ada = server.caller('ada')
  await ada.auth.me()
  const roomIds: string[] = []
  for (let count = 0; count < 50; count++) {
    const { id } = await ada.room.create({ kind: 'group', name: `Room ${count}`, clientId: newId() })
    roomIds.push(id)
  }
  const [roomId = ''] = roomIds
  await using closing = new AsyncDisposableStack()
  const client = closing.adopt(new Client({ connectionString: server.database.url }), (open) => open.end())
  await client.connect()
  await grow(client, roomIds)

  const CALLS: [name: string, table: string, index: RegExp, call: () => Promise<{ items: unknown[] }>][] = [
    ...['folder', 'ready', '"shared folder"', '"the spare key"', 'spare "shared folder"', 'fol', 'folder -ready'].map(
      (query): (typeof CALLS)[number] => [
        query,
        'message_search',
        /^message_search_keys$/,
        () => ada.message.search({ query }),
      ],
    ),
    [
      'in one room',
      'message_search',
      /^message_search_keys$/,
      () => ada.message.search({ query: '"shared folder"', roomId }),
    ],
    ['history', 'messages', /^messages_pkey$/, () => ada.message.list({ roomId })],
  ]
  for (const [name, table, index, call] of CALLS) {
    let found = 0
    const statements = await watchedStatements(async () => {
      found = (await call()).items.length
    })
    expect([name, found]).toEqual([name, 50])
    const reads: string[] = []
    for (const statement of statements.filter(({ text }) => text.includes(table))) {
      const nodes = await planOf(client, statement, { isRun: false })
      expect([name, scannedTables(nodes).filter((scanned) => scanned === table)]).toEqual([name, []])
      reads.push(...nodes.flatMap((node) => node['Index Name'] ?? []))
    }
    expect([name, reads.filter((read) => index.test(read)).length > 0]).toEqual([name, true])
  }
}, 60_000)
