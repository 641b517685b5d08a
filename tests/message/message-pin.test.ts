import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { LIMITS } from '../../shared/index.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

async function say(userId: string, roomId: string, content: string) {
  const { id: messageId } = await server.caller(userId).message.send({ roomId, clientId: newId(), content })
  return { roomId, messageId }
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof ChatError ? error.reason : error),
  )

describe('pinned messages', () => {
  test('are listed with the latest pin first, over a socket and in pages', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [one, two, three] = [
      await say('ada', roomId, 'One'),
      await say('ben', roomId, 'Two'),
      await say('ada', roomId, 'Three'),
    ]
    const ada = await server.connect('ada')
    for (const each of [two, three, one]) expect((await ada.message.pin.mutate(each)).pinnedAt).toBeInstanceOf(Date)
    const first = await ada.message.pinned.query({ roomId, limit: 2 })
    const rest = await ada.message.pinned.query({ roomId, limit: 2, cursor: first.nextCursor ?? '' })
    expect(rest.nextCursor).toBeNull()
    const pinned = [...first.items, ...rest.items]
    expect(new Set(pinned.map(({ content }) => content))).toEqual(new Set(['One', 'Two', 'Three']))
    const times = pinned.map(({ pinnedAt }) => pinnedAt?.getTime() ?? 0)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect((await ada.message.unpin.mutate(three)).pinnedAt).toBeNull()
    expect((await ada.message.pinned.query({ roomId })).items).toHaveLength(2)
  })

  test('stay as they are when they are pinned or unpinned again', async () => {
    const roomId = await roomOf('ada')
    const target = await say('ada', roomId, 'Once')
    const ada = server.caller('ada')
    const pinned = await ada.message.pin(target)
    expect(await ada.message.pin(target)).toEqual(pinned)
    const unpinned = await ada.message.unpin(target)
    expect(await ada.message.unpin(target)).toEqual(unpinned)
    expect((await ada.room.get({ roomId })).lastSeq).toBe(unpinned.changedSeq)
  })

  test('are everybody’s to set in a direct room', async () => {
    for (const name of ['ada', 'ben']) await server.caller(name).auth.me()
    const { id: roomId } = await server.caller('ada').room.direct({ userId: 'ben' })
    const target = await say('ada', roomId, 'Between us')
    expect((await server.caller('ben').message.pin(target)).pinnedAt).not.toBeNull()
    expect((await server.caller('ada').message.unpin(target)).pinnedAt).toBeNull()
  })

  test('can’t be set where nobody may write, nor on what was deleted, which is unpinned with it', async () => {
    const roomId = await roomOf('ada', 'ben')
    const target = await say('ben', roomId, 'Soon gone')
    const ada = server.caller('ada')
    await ada.room.freeze({ roomId })
    expect(await refusal(ada.message.pin(target))).toBe('ROOM_FROZEN')
    await ada.room.unfreeze({ roomId })
    await ada.message.pin(target)
    expect((await ada.message.delete(target)).pinnedAt).toBeNull()
    expect((await ada.message.pinned({ roomId })).items).toEqual([])
    expect(await refusal(ada.message.pin(target))).toBe('MESSAGE_DELETED')
    await ada.room.archive({ roomId })
    expect(await refusal(ada.message.unpin(target))).toBe('ROOM_ARCHIVED')
  })

  test('are so many and no more', async () => {
    const roomId = await roomOf('ada')
    const ada = server.caller('ada')
    const { db } = server.app.services.database
    await sql`
      insert into messages
        (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content, pinned_at)
      select 'default', ${roomId}::uuid, n, gen_random_uuid(), n, n, 'ada', gen_random_uuid(), '\\x00', 'text', 'Pinned', now()
      from generate_series(100, ${98 + LIMITS.pins}::int) as n`.execute(db)
    await sql`update rooms set last_seq = 1000, last_ordinal = 1000 where id = ${roomId}::uuid`.execute(db)
    const targets = [await say('ada', roomId, 'One more'), await say('ada', roomId, 'One too many')]
    const results = await Promise.all(targets.map((target) => refusal(ada.message.pin(target))))
    expect(results.filter((each) => each === 'TOO_MANY_PINS')).toHaveLength(1)
    expect((await ada.message.pinned({ roomId, limit: LIMITS.page })).items).toHaveLength(LIMITS.pins)
  })

  test('are found by an index of their own', async () => {
    const roomId = await roomOf('ada')
    const { db } = server.app.services.database
    await sql`
      insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content)
      select 'default', ${roomId}::uuid, n, gen_random_uuid(), n, n, 'ada', gen_random_uuid(), '\\x00', 'text', 'Number ' || n
      from generate_series(100, 20000) as n`.execute(db)
    await sql`analyze messages`.execute(db)
    const plan = await sql<{ 'QUERY PLAN': string }>`
      explain select * from messages
      where tenant_id = 'default' and room_id = ${roomId}::uuid and pinned_at is not null
      order by pinned_at desc, seq desc limit 51`.execute(db)
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('messages_pinned')
  })
})
