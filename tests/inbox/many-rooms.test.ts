import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** What an inbox follows live, and how many rooms there are beyond. */
const MAX_FOLLOWED = 1_000
const BEYOND = 10

let rooms: string[]

/** Rooms of ada, the quietest first, where ben and cleo are, too: copies of the first, each made a second later. */
async function makeRooms(count: number): Promise<string[]> {
  for (const name of ['ben', 'cleo']) await server.caller(name).auth.me()
  const { id } = await server
    .caller('ada')
    .room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben', 'cleo'] })
  const { db } = server.app.services.database
  await sql`update rooms set created_at = created_at - interval '1 day' where id = ${id}::uuid`.execute(db)
  await sql`
    with made as (
      insert into rooms select copied.*
      from rooms as original, generate_series(1, ${count - 1}::int) as copy,
        jsonb_populate_record(original, jsonb_build_object(
          'id', gen_random_uuid(), 'epoch_seed', gen_random_uuid(),
          'created_at', original.created_at + copy * interval '1 second')) as copied
      where original.id = ${id}::uuid
      returning id
    )
    insert into members select copied.*
    from made, members as original, jsonb_populate_record(original, jsonb_build_object('room_id', made.id)) as copied
    where original.room_id = ${id}::uuid`.execute(db)
  const made = await db.selectFrom('rooms').select('id').orderBy('created_at').execute()
  return made.map((room) => room.id)
}

beforeAll(async () => {
  rooms = await makeRooms(MAX_FOLLOWED + BEYOND)
}, 120_000)

/** What the inbox has folded is what a new look gives. */
async function expectFresh({ inbox }: FoldedInbox, userId: string): Promise<void> {
  const fresh = await server.caller(userId).inbox.get()
  const byId = (one: { roomId: string }, two: { roomId: string }) => one.roomId.localeCompare(two.roomId)
  expect(inbox.rooms.toSorted(byId)).toEqual(fresh.rooms.toSorted(byId))
}

describe('an inbox of many rooms', () => {
  test('follows a bounded number live, finds the others by a look, and is right about all of them', async () => {
    const ada = server.caller('ada')
    const { feeds } = server.app.services
    const before = feeds.size
    const inbox = new FoldedInbox('ada', (signal) => server.app.createCaller({ userId: 'ada' }, { signal }))
    await inbox.until((state) => state.rooms.length === rooms.length)
    expect(feeds.size - before).toBeLessThanOrEqual(MAX_FOLLOWED)

    const say = (roomId: string) =>
      server.caller('ben').message.send({ roomId, clientId: randomUUID(), content: 'Hello' })
    const [quiet = '', other = '', third = ''] = rooms
    const latest = rooms.at(-1) ?? ''
    await Promise.all([quiet, latest].map(say))
    await inbox.until(({ unread }) => unread === 2)
    const added = inbox.events.filter((event) => event.type === 'room.added')
    expect(added.map(({ room }) => room.id)).toEqual([quiet])

    // It is followed from now on.
    await say(quiet)
    await inbox.until(({ unread }) => unread === 3)
    expect(inbox.events.at(-1)).toMatchObject({ type: 'message', roomId: quiet })

    // What others do with a room that is not followed.
    await ada.room.archive({ roomId: other })
    await ada.member.remove({ roomId: third, userId: 'ben' })
    await ada.message.send({ roomId: third, clientId: newId(), content: 'Alone' })
    await inbox.until((state) => state.rooms.length === rooms.length - 1)
    await inbox.until((state) => state.rooms.some(({ roomId, lastOrdinal }) => roomId === third && lastOrdinal === 1))
    await expectFresh(inbox, 'ada')
    expect(feeds.size - before).toBeLessThanOrEqual(MAX_FOLLOWED + 5)
    await inbox.stop()
  }, 120_000)
  test('finds what others did to a room that it does not follow, also where its viewer changed something there since', async () => {
    const [ada, cleo] = [server.caller('ada'), server.caller('cleo')]
    const inbox = new FoldedInbox('cleo', (signal) => server.app.createCaller({ userId: 'cleo' }, { signal }))
    await inbox.until((state) => state.rooms.length > MAX_FOLLOWED)
    const [archived = '', spoken = '', latest = ''] = rooms.slice(3)
    const toldOf = () => inbox.events.flatMap((event) => (event.type === 'room.added' ? [event.room.id] : []))

    await ada.room.archive({ roomId: archived })
    await ada.message.send({ roomId: spoken, clientId: newId(), content: 'Hello' })
    for (const roomId of [archived, spoken]) await cleo.room.settings({ roomId, notifications: 'none' })
    await ada.message.send({ roomId: latest, clientId: newId(), content: 'Hello' })
    // A list of rooms shows what was said, which the counts alone don't tell. What one look finds is told room by room.
    await inbox.until(({ rooms: listed }) => {
      const isListed = listed.some(({ roomId }) => roomId === archived)
      return !isListed && [spoken, latest].every((roomId) => toldOf().includes(roomId))
    })
    await expectFresh(inbox, 'cleo')
    await inbox.stop()
  }, 60_000)

  test('reads all of them again when the database is another one, also where the log ends at the same place', async () => {
    const { database } = server.app.services
    const [spoken = ''] = rooms.slice(8)
    await server.caller('ada').message.send({ roomId: spoken, clientId: newId(), content: 'Hello' })
    await server.caller('ben').receipt.read({ roomId: spoken, seq: 100 })
    // The quietest again, as it was before it was spoken in.
    await sql`update rooms set last_message_at = created_at where id = ${spoken}::uuid`.execute(database.db)
    const inbox = new FoldedInbox('ben', (signal) => server.app.createCaller({ userId: 'ben' }, { signal }))
    await inbox.until((state) => state.rooms.length > MAX_FOLLOWED)
    await sql`update members set read_seq = 0, read_ordinal = 0 where room_id = ${spoken}::uuid and user_id = 'ben'`.execute(
      database.db,
    )
    await database.renewEpochs()
    await inbox.until((state) => state.rooms.some(({ roomId, unread }) => roomId === spoken && unread === 1))
    await expectFresh(inbox, 'ben')
    await inbox.stop()
  }, 60_000)
})
