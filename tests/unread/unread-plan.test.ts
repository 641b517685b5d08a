import { sql } from 'kysely'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { threadMentionCount, threadUnreadCount } from '../../server/unread/thread-unread.ts'
import { mentionCount, unreadCount } from '../../server/unread/unread.ts'
import { nodesOf, type PlanNode } from '../support/query-plan.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** By which index each count reads its table, and whether from the marker on; look-ups by a whole key, as of hidden messages, left out. */
const rangesOf = (plan: PlanNode, tables: string[]) =>
  nodesOf(plan)
    .filter((node) => tables.includes(node['Relation Name'] ?? '') && !/_(id|pkey)$/.test(node['Index Name'] ?? ''))
    .map((node) => {
      const index = node['Index Name'] ?? node.Plans?.[0]?.['Index Name'] ?? node['Node Type']
      const condition = node['Index Cond'] ?? node.Plans?.[0]?.['Index Cond'] ?? ''
      return `${index}${condition.includes('read_ordinal') ? ' from the marker' : ''}`
    })
    .toSorted((a, b) => a.localeCompare(b))

/** Sixty thousand messages, a tenth of them replies to one, some deleted or sent on behalf; every third with mentions. */
async function grow(roomId: string, rootId: string): Promise<void> {
  const client = new Client({ connectionString: server.database.url })
  await client.connect()
  await client.query(
    `insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content,
      thread_id, is_on_behalf, deleted_at, deleted_seq)
    select 'default', $1::uuid, n, gen_random_uuid(), n, n, 'ada', gen_random_uuid(), '\\x00', 'text', 'Number ' || n,
      case when n % 10 = 0 then $2::uuid end, n % 50 = 1,
      case when n % 50 = 0 then now() end, case when n % 50 = 0 then n end
    from generate_series(100, 60000) as n`,
    [roomId, rootId],
  )
  // The check of the next insert's foreign key is planned by what is known of the messages then.
  await client.query('analyze messages')
  await client.query(
    `insert into mentions (tenant_id, room_id, thread_id, user_id, ordinal, sender_id)
    select 'default', $1::uuid, case when n % 10 = 0 then $2::uuid end, case when n % 10 = 0 or n % 9 = 0 then 'ben' end, n, 'ada'
    from generate_series(100, 60000) as n where n % 3 = 0`,
    [roomId, rootId],
  )
  await client.query('update rooms set last_seq = 60000, last_ordinal = 60000 where id = $1', [roomId])
  await client.query('update members set read_ordinal = 59000, read_seq = 59000 where room_id = $1', [roomId])
  await client.query('analyze')
  await client.end()
}

test('what is unread is counted from the marker on, by indexes that hold only what is to be counted', async () => {
  for (const name of ['ada', 'ben']) await server.caller(name).auth.me()
  const ada = server.caller('ada')
  const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
  const root = await ada.message.send({ roomId, clientId: newId(), content: 'Root' })
  await server.caller('ben').thread.follow({ roomId, threadId: root.id })
  await grow(roomId, root.id)
  const { db } = server.app.services.database

  const ofRoom = await sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>`
    explain (format json) select ${unreadCount}, ${mentionCount}
    from rooms join members as viewer on viewer.tenant_id = rooms.tenant_id and viewer.room_id = rooms.id
    where viewer.tenant_id = 'default' and viewer.user_id = 'ben' and viewer.left_at is null`.execute(db)
  const [room] = ofRoom.rows
  expect(room && rangesOf(room['QUERY PLAN'][0].Plan, ['messages', 'mentions'])).toEqual([
    'mentions_in_room from the marker',
    'mentions_in_room from the marker',
    'messages_on_behalf from the marker',
    'messages_tombstones from the marker',
  ])

  const ofThread = await sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>`
    explain (format json) select ${threadUnreadCount}, ${threadMentionCount}
    from thread_follows as follow join messages as root
      on root.tenant_id = follow.tenant_id and root.room_id = follow.room_id and root.id = follow.thread_id
    where follow.tenant_id = 'default' and follow.user_id = 'ben'`.execute(db)
  const [thread] = ofThread.rows
  expect(thread && rangesOf(thread['QUERY PLAN'][0].Plan, ['messages', 'mentions'])).toEqual([
    'mentions_in_thread from the marker',
    'messages_thread_uncounted from the marker',
  ])
}, 60_000)
