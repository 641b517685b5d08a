import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { readAccess } from '../../server/access/access.ts'
import { firstVisibleSeq, firstVisibleTo } from '../../server/access/visibility.ts'
import type { Message } from '../../shared/message.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const WORD = 'tide'

let roomId: string
let said: Message[]

beforeAll(async () => {
  for (const name of ['owner', 'ben']) await server.caller(name).auth.me()
  const owner = server.caller('owner')
  roomId = (await owner.room.create({ kind: 'group', name: 'Harbour', memberIds: ['ben'] })).id
  said = []
  for (let index = 0; index < 6; index++) {
    said.push(await owner.message.send({ roomId, clientId: newId(), content: `${WORD} ${index}` }))
  }
  const { searchIndexer } = server.app.services
  while ((await owner.message.search({ query: WORD })).items.length < said.length) await searchIndexer.settled()
})

interface Case {
  title: string
  /** Indexes of messages: where the room's history and the member's view of it begin. Before all of them: -1. */
  historyFrom: number
  memberFrom: number
  hidden: number[]
  toMember: number[]
}

const CASES: Case[] = [
  {
    title: 'everything',
    historyFrom: -1,
    memberFrom: -1,
    hidden: [],
    toMember: [0, 1, 2, 3, 4, 5],
  },
  {
    title: 'from joining on',
    historyFrom: -1,
    memberFrom: 3,
    hidden: [],
    toMember: [3, 4, 5],
  },
  {
    title: 'what the room still has',
    historyFrom: 2,
    memberFrom: -1,
    hidden: [],
    toMember: [2, 3, 4, 5],
  },
  { title: 'the later of both', historyFrom: 2, memberFrom: 4, hidden: [], toMember: [4, 5] },
  {
    title: 'less than from joining on',
    historyFrom: 4,
    memberFrom: 2,
    hidden: [],
    toMember: [4, 5],
  },
  {
    title: 'all but what is hidden',
    historyFrom: -1,
    memberFrom: -1,
    hidden: [0, 3, 5],
    toMember: [1, 2, 4],
  },
  {
    title: 'from joining on, less what is hidden',
    historyFrom: 1,
    memberFrom: 3,
    hidden: [1, 4],
    toMember: [3, 5],
  },
  {
    title: 'nothing, where all of it is hidden',
    historyFrom: -1,
    memberFrom: 4,
    hidden: [4, 5],
    toMember: [],
  },
]

const ALL = [0, 1, 2, 3, 4, 5]
const seqAt = (index: number): number => said[index]?.seq ?? 0

async function arrange({ historyFrom, memberFrom, hidden }: Case): Promise<void> {
  const { db } = server.app.services.database
  await sql`update rooms set history_from_seq = ${seqAt(historyFrom)} where id = ${roomId}::uuid`.execute(db)
  await sql`update members set visible_from_seq = ${seqAt(memberFrom)}
    where room_id = ${roomId}::uuid and user_id = 'ben'`.execute(db)
  await sql`delete from hidden_messages where room_id = ${roomId}::uuid`.execute(db)
  await sql`insert into hidden_messages (tenant_id, room_id, user_id, seq, thread_id, ordinal)
    select tenant_id, room_id, 'ben', seq, thread_id, ordinal from messages
    where room_id = ${roomId}::uuid and seq = any(${hidden.map(seqAt)}::bigint[])`.execute(db)
}

/** Indexes of the messages that each statement shows. */
async function shownTo(userId: string, role: 'user' | 'service'): Promise<Record<string, number[]>> {
  const caller = server.caller(userId, { role })
  const indexes = (messages: { id: string }[]) =>
    messages.map(({ id }) => said.findIndex((message) => message.id === id)).sort((a, b) => a - b)
  const reachable: Message[] = []
  for (const { id } of said) {
    const message = await caller.message.get({ roomId, messageId: id }).catch(() => undefined)
    if (message) reachable.push(message)
  }
  const { lastMessage } = await caller.room.get({ roomId })
  const listed = indexes((await caller.message.list({ roomId })).items)
  return {
    'message.list': listed,
    'message.get': indexes(reachable),
    'message.search': indexes(
      (await caller.message.search({ query: WORD, roomId })).items.map(({ message }) => message),
    ),
    'the last message': indexes(lastMessage ? [lastMessage] : []),
  }
}

describe.each(CASES)('of a room that shows $title', (each) => {
  beforeAll(() => arrange(each))

  test.each([
    ['a member', 'ben', 'user', each.toMember],
    ['a service, which hides nothing,', 'backend', 'service', ALL.slice(Math.max(0, each.historyFrom))],
  ] as const)('%s sees the same by every statement', async (_title, userId, role, seen) => {
    const [last] = seen.slice(-1)
    expect(await shownTo(userId, role)).toEqual({
      'message.list': seen,
      'message.get': seen,
      'message.search': seen,
      'the last message': last === undefined ? [] : [last],
    })
  })

  test('SQL and TypeScript say where the view begins alike', async () => {
    const { db } = server.app.services.database
    for (const [userId, role] of [
      ['ben', 'user'],
      ['backend', 'service'],
    ] as const) {
      const row = await db
        .selectFrom('rooms')
        .leftJoin('members as viewer', (join) =>
          join.onRef('viewer.room_id', '=', 'rooms.id').on('viewer.user_id', '=', userId),
        )
        .select(['rooms.history_from_seq', 'viewer.visible_from_seq', firstVisibleTo({ role }).as('first')])
        .where('rooms.id', '=', roomId)
        .executeTakeFirstOrThrow()
      expect(firstVisibleSeq(row, role === 'service' ? null : row)).toBe(row.first)
      expect((await readAccess(db, { tenantId: 'default', userId, role }, roomId)).fromSeq).toBe(row.first)
    }
  })
})
