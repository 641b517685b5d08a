import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { NotEmptyError, type SeedOptions, seedDatabase } from '../../scripts/seed/seed-database.ts'
import { SeededRandom } from '../../scripts/seed/seeded-random.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const OPTIONS: SeedOptions = {
  tenant: 'default',
  users: 40,
  rooms: 60,
  messages: 3_000,
  seed: 'test',
  add: false,
  onProgress: () => undefined,
}

beforeAll(() => seedDatabase(server.app.services.database, OPTIONS))

const count = async (table: 'users' | 'rooms' | 'messages') => {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}`.execute(
    server.app.services.database.db,
  )
  return rows[0]?.count
}

describe('a seeded database', () => {
  test('has what was asked for', async () => {
    expect([await count('users'), await count('rooms'), await count('messages')]).toEqual([40, 60, 3_000])
  })

  test('has logs without a hole, counters that fit and markers within them', async () => {
    const { rows } = await sql<{ fault: string }>`
      with log as (
        select room_id, seq from messages union select room_id, changed_seq from messages
        union select room_id, seq from members union select id, seq from rooms
      ),
      said as (
        select room_id, count(*) as count, max(ordinal) as ordinal, max(created_at) as at from messages group by room_id
      )
      select 'a hole in the log of ' || rooms.id as fault from rooms
      where last_seq <> (select count(distinct seq) from log where room_id = rooms.id)
      union all
      select 'ordinals of ' || rooms.id from rooms left join said on room_id = id
      where last_ordinal <> coalesce(said.count, 0) or last_ordinal <> coalesce(said.ordinal, 0)
        or last_message_at is distinct from said.at
      union all
      select 'members of ' || id from rooms where member_count <> (select count(*) from members where room_id = id)
      union all
      select 'the marker of ' || user_id from members join rooms on id = room_id
      where read_seq > last_seq or read_ordinal <> (
        select count(*) from messages where messages.room_id = members.room_id and messages.seq <= members.read_seq
      )
      union all
      select 'an own message above the marker of ' || user_id from members
      where exists (
        select from messages where messages.room_id = members.room_id and sender_id = user_id and ordinal > read_ordinal
      )`.execute(server.app.services.database.db)
    expect(rows).toEqual([])
  })

  test('reads the same by every way: lists, snapshots, logs, unread counts and search', async () => {
    const { db } = server.app.services.database
    const users = await db.selectFrom('users').select('id').orderBy('id').limit(5).execute()
    for (const { id } of users) {
      const me = server.caller(id)
      const { items: rooms } = await me.room.list({ limit: 100 })
      expect(rooms.length).toBeGreaterThan(0)
      const inbox = await me.inbox.get()
      expect(inbox.unread).toBe(rooms.reduce((sum, room) => sum + room.viewer.unread, 0))
      for (const room of rooms.slice(0, 5)) {
        const snapshot = await me.room.snapshot({ roomId: room.id, messages: 100 })
        const { items } = await me.message.list({ roomId: room.id, limit: 100 })
        expect(snapshot.messages).toEqual(items.toReversed())
        expect(snapshot.members).toHaveLength(room.memberCount)
        expect(room.lastMessage).toEqual(items[0] ?? null)
        const epoch = snapshot.position.split('.')[0]
        const { events, more, position } = await me.room.changes({ roomId: room.id, after: `${epoch}.0`, limit: 100 })
        expect(events.length > 0 && (more || position === snapshot.position)).toBe(true)
        const read = items.find((message) => message.deletedAt === null)
        const word = read && /(?<![\p{L}\p{N}])[a-z]{4,}(?![\p{L}\p{N}])/u.exec(read.content)?.[0]
        if (!word) continue
        const found = await me.message.search({ query: `"${word}"`, roomId: room.id, limit: 100 })
        expect(found.items.length).toBeGreaterThan(0)
        for (const { message } of found.items) expect(message.content.toLowerCase()).toContain(word)
      }
    }
  })

  test('takes messages like any other', async () => {
    const me = server.caller(
      (await server.app.services.database.db.selectFrom('users').select('id').execute())[0]?.id ?? '',
    )
    const [room] = (await me.room.list({})).items
    if (!room) throw new Error('No room')
    const clientId = '0190c2f0-7b1a-4c3e-8d4f-0123456789ab'
    const sent = await me.message.send({ roomId: room.id, clientId, content: 'Hello' })
    expect(sent).toMatchObject({ seq: room.lastSeq + 1, ordinal: room.lastOrdinal + 1 })
  })

  test('is not filled twice by accident, but on request', async () => {
    const { database } = server.app.services
    await expect(seedDatabase(database, OPTIONS)).rejects.toThrow(NotEmptyError)
    await seedDatabase(database, { ...OPTIONS, add: true, rooms: 10, messages: 100 })
    expect(await count('rooms')).toBe(70)
  })
})

test('the same seed gives the same chance', () => {
  const draw = (seed: string) => {
    const random = new SeededRandom(seed)
    return [random.next(), random.between(1, 1_000), random.uuid(1_700_000_000_000), random.pick(['a', 'b', 'c'])]
  }
  expect(draw('one')).toEqual(draw('one'))
  expect(draw('one')).not.toEqual(draw('two'))
  expect(draw('one')[2]).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
