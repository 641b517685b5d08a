import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { LIMITS } from '../../shared/index.ts'
import { EventLog } from '../support/event-log.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

async function saidIn(roomId: string) {
  const { id: messageId } = await server.caller('ada').message.send({ roomId, clientId: newId(), content: 'Hello' })
  return { roomId, messageId }
}

const react = (userId: string, target: { roomId: string; messageId: string }, emoji: string) =>
  server.caller(userId).reaction.add({ ...target, emoji })

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof ChatError ? error.reason : error),
  )

/** Different emoji, as many as are asked for. */
const kinds = (count: number) => Array.from({ length: count }, (_, index) => String.fromCodePoint(0x1f600 + index))

describe('reactions', () => {
  test('reach the other client in the message, and are taken back', async () => {
    const target = await saidIn(await roomOf('ada', 'ben'))
    const [ada, ben] = [await server.connect('ada'), await server.connect('ben')]
    const log = new EventLog(ada, target.roomId)
    await log.until(({ events }) => events.length === 1)
    const reacted = await ben.reaction.add.mutate({ ...target, emoji: '👍' })
    expect(reacted.reactions).toEqual([{ emoji: '👍', count: 1, firstUserIds: ['ben'] }])
    await log.until(({ events }) => events.length === 2)
    expect(log.events[1]).toEqual({
      type: 'message.updated',
      seq: reacted.changedSeq,
      prev: reacted.changedSeq - 1,
      message: reacted,
    })
    expect(await ben.reaction.mine.query({ roomId: target.roomId, messageIds: [target.messageId] })).toEqual([
      { messageId: target.messageId, emoji: ['👍'] },
    ])
    const { items } = await ada.reaction.list.query(target)
    expect(items).toEqual([{ user: { id: 'ben', name: 'ben', pictureUrl: null }, emoji: '👍', at: expect.any(Date) }])
    expect((await ben.reaction.remove.mutate({ ...target, emoji: '👍' })).reactions).toEqual([])
    expect((await ada.reaction.list.query(target)).items).toEqual([])
    log.stop()
  })

  test('twice, or taken back where there is none, are no change of the room', async () => {
    const target = await saidIn(await roomOf('ada', 'ben'))
    const once = await react('ben', target, '👍')
    expect(await react('ben', target, '👍')).toEqual(once)
    // Another spelling of the heart is the same emoji.
    const twoKinds = await react('ben', target, '❤')
    expect(await react('ben', target, '❤️')).toEqual(twoKinds)
    expect(await server.caller('ada').reaction.remove({ ...target, emoji: '👍' })).toEqual(twoKinds)
    expect(await server.caller('ada').reaction.remove({ ...target, emoji: '🚀' })).toEqual(twoKinds)
    expect((await server.caller('ada').room.get({ roomId: target.roomId })).lastSeq).toBe(twoKinds.changedSeq)
  })

  test('count everybody who reacts at once, and name those who were first', async () => {
    const names = Array.from({ length: LIMITS.reactionUsers + 3 }, (_, index) => `user-${index}`)
    const target = await saidIn(await roomOf('ada', ...names))
    await Promise.all(names.map((name) => react(name, target, '🎉')))
    const caller = server.caller('ada')
    const order: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await caller.reaction.list({ ...target, emoji: '🎉', limit: 4, ...(cursor ? { cursor } : {}) })
      order.push(...page.items.map(({ user }) => user.id))
      cursor = page.nextCursor
    }
    expect(order.toSorted()).toEqual(names.toSorted())
    const first = order.slice(0, LIMITS.reactionUsers)
    expect((await caller.message.get(target)).reactions).toEqual([
      { emoji: '🎉', count: names.length, firstUserIds: first },
    ])

    // Somebody among the first leaves the place to the next.
    await server.caller(order[0] ?? '').reaction.remove({ ...target, emoji: '🎉' })
    const last = order.at(-1) ?? ''
    const { reactions } = await server.caller(last).reaction.remove({ ...target, emoji: '🎉' })
    expect(reactions).toEqual([
      { emoji: '🎉', count: names.length - 2, firstUserIds: order.slice(1, LIMITS.reactionUsers + 1) },
    ])
  })

  test('are listed emoji by emoji over several pages, each once', async () => {
    const target = await saidIn(await roomOf('ada', 'ben', 'cleo'))
    for (const name of ['ada', 'ben', 'cleo']) for (const emoji of ['🎉', '👍', '❤️']) await react(name, target, emoji)
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await server.caller('ada').reaction.list({ ...target, limit: 2, ...(cursor ? { cursor } : {}) })
      seen.push(...page.items.map(({ user, emoji }) => `${emoji} ${user.id}`))
      cursor = page.nextCursor
    }
    const ofEach = (emoji: string) => ['ada', 'ben', 'cleo'].map((name) => `${emoji} ${name}`)
    expect(seen).toEqual([...ofEach('❤️'), ...ofEach('🎉'), ...ofEach('👍')])
  })

  test('are of so many kinds and no more, whoever adds them', async () => {
    const target = await saidIn(await roomOf('ada', 'ben'))
    const [first = '', ...others] = kinds(LIMITS.reactionKinds)
    for (const emoji of [first, ...others]) await react('ben', target, emoji)
    expect(await refusal(react('ada', target, '🚀'))).toBe('TOO_MANY_REACTIONS')
    expect((await react('ada', target, first)).reactions).toHaveLength(LIMITS.reactionKinds)
    await server.caller('ben').reaction.remove({ ...target, emoji: others[0] ?? '' })
    expect((await react('ada', target, '🚀')).reactions).toHaveLength(LIMITS.reactionKinds)
  })

  test('are refused where an edit would be', async () => {
    const target = await saidIn(await roomOf('ada', 'ben'))
    const { roomId } = target
    await react('ben', target, '👍')
    const ada = server.caller('ada')
    const both = async () => [
      await refusal(react('ben', target, '🎉')),
      await refusal(server.caller('ben').reaction.remove({ ...target, emoji: '👍' })),
    ]
    await ada.member.mute({ roomId, userId: 'ben' })
    expect(await both()).toEqual(['MUTED', 'MUTED'])
    await ada.member.unmute({ roomId, userId: 'ben' })
    await ada.room.freeze({ roomId })
    expect(await both()).toEqual(['ROOM_FROZEN', 'ROOM_FROZEN'])
    await ada.room.unfreeze({ roomId })
    await ada.room.archive({ roomId })
    expect(await both()).toEqual(['ROOM_ARCHIVED', 'ROOM_ARCHIVED'])
    expect((await ada.message.get(target)).reactions).toHaveLength(1)
  })

  test('go with the message, however many there are', async () => {
    const target = await saidIn(await roomOf('ada', 'ben'))
    await react('ben', target, '👍')
    const { db } = server.app.services.database
    // More than one statement deletes at once.
    await sql`
      insert into message_reactions (tenant_id, room_id, message_id, user_id, emoji, seq)
      select 'default', ${target.roomId}::uuid, ${target.messageId}::uuid, 'ben', 'x' || n, 1000 + n
      from generate_series(1, 1200) as n`.execute(db)
    const deleted = await server.caller('ada').message.delete(target)
    expect(deleted.reactions).toEqual([])
    expect(
      await db.selectFrom('message_reactions').selectAll().where('message_id', '=', target.messageId).execute(),
    ).toEqual([])
    expect((await server.caller('ben').reaction.list(target)).items).toEqual([])
    expect(await refusal(react('ben', target, '👍'))).toBe('MESSAGE_DELETED')
  })
})
