import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { EventLog } from '../support/event-log.ts'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

async function channelOf(...names: string[]): Promise<string> {
  for (const name of names) await server.caller(name).auth.me()
  const [owner = '', ...memberIds] = names
  return (await server.caller(owner).room.create({ kind: 'channel', name: 'Engine room', memberIds })).id
}

const say = (userId: string, roomId: string) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Hello' })

/** What the room's rows say in the end. */
async function rowsOf(roomId: string) {
  const { rows } = await sql<{
    last_seq: number
    last_ordinal: number
    changed_seq: number
    member_count: number
    messages: number
    present: number
    greatest: number
    uses: number
  }>`
    select last_seq, last_ordinal, changed_seq, member_count,
      (select count(*)::int from messages where room_id = rooms.id) as messages,
      (select count(*)::int from members where room_id = rooms.id and left_at is null) as present,
      greatest(
        (select max(changed_seq) from messages where room_id = rooms.id),
        (select max(changed_seq) from members where room_id = rooms.id)
      ) as greatest,
      (select coalesce(sum(uses), 0)::int from invites where room_id = rooms.id) as uses
    from rooms where id = ${roomId}::uuid and deleted_at is not null`.execute(server.app.services.database.db)
  const [row] = rows
  if (!row) throw new Error('The room is not deleted')
  return row
}

describe('a room that is deleted while it is used', () => {
  test('answers everything by NOT_FOUND from then on, and what was done before is whole', async () => {
    for (let round = 0; round < 5; round++) {
      const roomId = await channelOf('ada', 'ben', 'cleo')
      for (const name of ['dov', 'eve', 'fay']) await server.caller(name).auth.me()
      const { code: inviteCode } = await server.caller('ada').invite.create({ roomId })
      const first = await say('ben', roomId)
      const ben = server.caller('ben')
      const sends = () => Array.from({ length: 20 }, () => say('ben', roomId))
      const before = sends()
      const others = [
        ben.message.edit({ roomId, messageId: first.id, content: 'Hello, all' }),
        ben.typing.set({ roomId, isTyping: true }),
        ben.receipt.read({ roomId, seq: first.seq }),
        ben.room.settings({ roomId, isPinned: true, nickname: 'Benny' }),
        server.caller('ada').member.add({ roomId, userIds: ['dov'] }),
        server.caller('cleo').room.leave({ roomId }),
        ben.room.snapshot({ roomId }),
        ben.room.list(),
      ]
      const joins = ['eve', 'fay'].map((name) => server.caller(name).room.join({ inviteCode }))
      const deleted = server.caller('ada').room.delete({ roomId })
      const after = sends()
      const [sent, joined, answered] = await Promise.all([
        Promise.allSettled([...before, ...after]),
        Promise.allSettled(joins),
        Promise.allSettled(others),
        deleted,
      ])
      for (const result of [...sent, ...joined, ...answered]) {
        if (result.status === 'fulfilled') continue
        expect(result.reason).toBeInstanceOf(ChatError)
        expect(result.reason).toMatchObject({ reason: 'NOT_FOUND' })
      }
      const row = await rowsOf(roomId)
      const written = sent.filter((result) => result.status === 'fulfilled').map((result) => result.value.seq)
      expect(row).toMatchObject({
        changed_seq: row.last_seq,
        messages: 1 + written.length,
        last_ordinal: 1 + written.length,
      })
      expect(row.greatest).toBeLessThan(row.last_seq)
      for (const seq of written) expect(seq).toBeLessThan(row.changed_seq)
      expect(row.member_count).toBe(row.present)
      expect(row.uses).toBe(joined.filter((result) => result.status === 'fulfilled').length)
    }
  })

  test('refuses a batch that waits behind the deletion, however long', async () => {
    const roomId = await channelOf('ada', 'ben')
    const { db } = server.app.services.database
    const waiting = async (count: number) => {
      const text = sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      while ((await text.execute(db)).rows[0]?.count !== count) await Promise.resolve()
    }
    const [deleted, sends] = await db.transaction().execute(async (tx) => {
      await sql`select 1 from rooms where id = ${roomId}::uuid for update`.execute(tx)
      const deletion = server.caller('ada').room.delete({ roomId })
      await waiting(1)
      const batch = Promise.allSettled(Array.from({ length: 5 }, () => say('ben', roomId)))
      await waiting(2)
      // Long enough for the room to wait apart from the others: another room's message is through meanwhile.
      await say('ben', await channelOf('ben'))
      return [deletion, batch]
    })
    await deleted
    for (const result of await sends) expect(result).toMatchObject({ reason: { reason: 'NOT_FOUND' } })
    expect(await rowsOf(roomId)).toMatchObject({ messages: 0, last_ordinal: 0 })
  })

  test('ends every stream of it, and says so in the inbox', async () => {
    const roomId = await channelOf('ada', 'gil')
    const gil = await server.connect('gil')
    const inbox = new FoldedInbox('gil', (signal) => server.app.createCaller({ userId: 'gil' }, { signal }))
    await inbox.until(({ rooms }) => rooms.length === 1)
    const log = await new EventLog(gil, roomId).until(({ events }) => events.length === 1)
    const typing = gil.typing.onChange.subscribe({ roomId })
    const presence = gil.presence.onChange.subscribe({ roomId })
    await Promise.all([typing.next(), presence.next()])
    const gone = { data: { reason: 'NOT_FOUND' } }
    const [typed, present] = [typing.next(), presence.next()]
    const ends = [expect(typed).rejects.toMatchObject(gone), expect(present).rejects.toMatchObject(gone)]
    await server.caller('ada').room.delete({ roomId })
    await Promise.all(ends)
    await log.until(({ isComplete }) => isComplete)
    expect(log.events.at(-1)).toMatchObject({ type: 'room.deleted' })
    await inbox.until(({ rooms }) => rooms.length === 0)
    expect(inbox.events.at(-1)).toEqual({ type: 'room.removed', roomId })
    await inbox.stop()
    await expect(gil.typing.set.mutate({ roomId, isTyping: true })).rejects.toMatchObject(gone)
    await expect(gil.receipt.read.mutate({ roomId, seq: 1 })).rejects.toMatchObject(gone)
    expect(await gil.room.sync.query({ positions: { [roomId]: log.positions.at(-1) ?? '' } })).toEqual({
      [roomId]: { refused: 'NOT_FOUND' },
    })
  })
})
