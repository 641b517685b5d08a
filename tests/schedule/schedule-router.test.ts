import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../shared/limits.ts'
import { refusalOf } from '../rpc/refusal.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { reconcileMs: 200 })

const HOUR_MS = 3_600_000
const inAnHour = () => new Date(Date.now() + HOUR_MS)

const { roomOf } = server

/** Looks until something is there: the job is done when it is. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(20)
  }
}

const messageOf = (userId: string, roomId: string, content: string) =>
  until(async () =>
    (await server.caller(userId).message.list({ roomId })).items.find((message) => message.content === content),
  )

const failureOf = (userId: string, scheduleId: string) =>
  until(async () => {
    const { items } = await server.caller(userId).schedule.list()
    return items.find((schedule) => schedule.id === scheduleId && schedule.status === 'failed')
  })

const row = async (id: string) =>
  server.app.services.database.db.selectFrom('scheduled_messages').selectAll().where('id', '=', id).executeTakeFirst()

describe('a scheduled message', () => {
  test('is sent at its time as its author’s, without moving the read marker', async () => {
    const [ada, ben] = [await server.connect('ada'), await server.connect('ben')]
    const roomId = await roomOf('ada', 'ben')
    const said = await ben.message.send.mutate({ roomId, clientId: newId(), content: 'Are you there?' })
    const clientId = newId()
    const sendAt = new Date(Date.now() + 300)
    const schedule = await ada.schedule.create.mutate({
      roomId,
      clientId,
      content: 'Good morning',
      sendAt,
      replyToId: said.id,
    })
    expect(schedule).toMatchObject({
      roomId,
      clientId,
      sendAt,
      status: 'pending',
      failureReason: null,
      messageId: null,
    })
    expect((await ada.schedule.list.query({ roomId })).items).toEqual([schedule])
    const events = ben.room.onEvent.subscribe({ roomId })
    await events.next()
    const event = await events.next()
    expect(event.value.data).toMatchObject({
      type: 'message.created',
      message: { senderId: 'ada', clientId, content: 'Good morning', replyToId: said.id, isOnBehalf: true },
    })
    await events.return?.()
    const sent = await messageOf('ada', roomId, 'Good morning')
    expect(sent.createdAt.getTime()).toBeGreaterThanOrEqual(sendAt.getTime())
    // What Ben said before is still unread, and Ada's own message is not counted.
    expect((await ada.room.get.query({ roomId })).viewer.unread).toBe(1)
    await until(async () => ((await row(schedule.id))?.status === 'sent' ? true : undefined))
    expect(await row(schedule.id)).toMatchObject({ message_id: sent.id })
    expect((await ada.schedule.list.query({ roomId })).items).toEqual([])
  })

  test('answers in a thread, and mentions who is in the room by then', async () => {
    const roomId = await roomOf('fay', 'gil')
    const fay = server.caller('fay')
    const root = await fay.message.send({ roomId, clientId: newId(), content: 'Who can look at the pump?' })
    const sendAt = new Date(0)
    const asked = { roomId, clientId: newId(), content: 'Still open', sendAt, threadId: root.id, mentions: ['gil'] }
    expect(await fay.schedule.create(asked)).toMatchObject({ threadId: root.id, mentions: ['gil'] })
    const reply = await until(async () => (await fay.message.thread({ roomId, threadId: root.id })).items[0])
    expect(reply).toMatchObject({ content: 'Still open', mentions: ['gil'], isOnBehalf: true, threadId: root.id })
    expect((await server.caller('gil').inbox.get()).threads).toMatchObject({ unread: 1, mentions: 1 })
    expect(
      await refusalOf(() => fay.schedule.create({ ...asked, clientId: newId(), threadId: newId() })),
    ).toMatchObject({ reason: 'INVALID_INPUT' })
  })

  test('mentions everybody, or whom it says when it is rewritten', async () => {
    const roomId = await roomOf('fay', 'gil')
    const fay = server.caller('fay')
    const all = { roomId, clientId: newId(), content: 'Pump works, @room', sendAt: new Date(0), mentionsRoom: true }
    expect(await fay.schedule.create(all)).toMatchObject({ mentions: [], mentionsRoom: true })
    expect(await messageOf('fay', roomId, 'Pump works, @room')).toMatchObject({ mentionsRoom: true })
    expect((await server.caller('gil').room.get({ roomId })).viewer.mentions).toBe(1)

    const later = { roomId, clientId: newId(), content: 'Ask @gil, @room', sendAt: inAnHour(), mentions: ['gil'] }
    const { id: scheduleId } = await fay.schedule.create({ ...later, mentionsRoom: true })
    const rewritten = { content: 'Ask @fay', mentions: ['fay'], mentionsRoom: false }
    expect(await fay.schedule.update({ scheduleId, ...rewritten })).toMatchObject(rewritten)
    expect(await fay.schedule.update({ scheduleId, sendAt: new Date(0) })).toMatchObject(rewritten)
    expect(await messageOf('fay', roomId, 'Ask @fay')).toMatchObject({ mentions: ['fay'], mentionsRoom: false })
  })

  test('does not address the room from a thread', async () => {
    const roomId = await roomOf('fay')
    const fay = server.caller('fay')
    const { id: threadId } = await fay.message.send({ roomId, clientId: newId(), content: 'Who has the key?' })
    const asked = { roomId, clientId: newId(), content: 'Anybody?', sendAt: inAnHour(), threadId }
    const refused = { reason: 'INVALID_INPUT', issues: [{ path: 'mentionsRoom' }] }
    expect(await refusalOf(() => fay.schedule.create({ ...asked, mentionsRoom: true }))).toMatchObject(refused)
    const { id: scheduleId } = await fay.schedule.create(asked)
    expect(await refusalOf(() => fay.schedule.update({ scheduleId, mentionsRoom: true }))).toMatchObject(refused)
  })

  test('that is due already goes at once', async () => {
    const roomId = await roomOf('cleo')
    const late = { roomId, clientId: newId(), content: 'Better late', sendAt: new Date(0) }
    await server.caller('cleo').schedule.create(late)
    await messageOf('cleo', roomId, 'Better late')
  })

  test('is one, however often it is asked for', async () => {
    const roomId = await roomOf('dov')
    const dov = server.caller('dov')
    const asked = { roomId, clientId: newId(), content: 'Once', sendAt: inAnHour() }
    const schedules = await Promise.all(Array.from({ length: 5 }, () => dov.schedule.create(asked)))
    expect(new Set(schedules.map(({ id }) => id)).size).toBe(1)
    expect(await refusalOf(() => dov.schedule.create({ ...asked, content: 'Other' }))).toMatchObject({
      reason: 'CLIENT_ID_REUSED',
    })
  })

  test('takes another content and time, and can be cancelled', async () => {
    const roomId = await roomOf('eve')
    const eve = server.caller('eve')
    const kept = await eve.schedule.create({ roomId, clientId: newId(), content: 'Draft', sendAt: inAnHour() })
    const gone = await eve.schedule.create({ roomId, clientId: newId(), content: 'Never', sendAt: inAnHour() })
    expect(await eve.schedule.update({ scheduleId: kept.id, content: 'Final' })).toMatchObject({ content: 'Final' })
    await eve.schedule.cancel({ scheduleId: gone.id })
    expect((await eve.schedule.list()).items.map(({ content }) => content)).toEqual(['Final'])
    await eve.schedule.update({ scheduleId: kept.id, sendAt: new Date() })
    await messageOf('eve', roomId, 'Final')
    await until(async () => ((await row(kept.id))?.status === 'sent' ? true : undefined))
    const refusals = [
      await refusalOf(() => eve.schedule.update({ scheduleId: kept.id, content: 'Too late' })),
      await refusalOf(() => eve.schedule.cancel({ scheduleId: kept.id })),
      await refusalOf(() => eve.schedule.cancel({ scheduleId: gone.id })),
    ]
    expect(refusals.map((refusal) => refusal?.reason)).toEqual(['NOT_PENDING', 'NOT_PENDING', 'NOT_FOUND'])
    expect((await eve.message.list({ roomId })).items).toHaveLength(1)
  })
})

describe('rights are those of the moment', () => {
  test('a member who was removed meanwhile sees why it failed', async () => {
    const roomId = await roomOf('fay', 'gus')
    const gus = server.caller('gus')
    const { id } = await gus.schedule.create({ roomId, clientId: newId(), content: 'Goodbye', sendAt: inAnHour() })
    await server.caller('fay').member.remove({ roomId, userId: 'gus' })
    await gus.schedule.update({ scheduleId: id, sendAt: new Date() })
    expect(await failureOf('gus', id)).toMatchObject({ failureReason: 'NOT_FOUND', messageId: null })
    expect((await server.caller('fay').message.list({ roomId })).items).toEqual([])
  })

  test('what failed can be tried again', async () => {
    const roomId = await roomOf('hal', 'ivy')
    const [hal, ivy] = [server.caller('hal'), server.caller('ivy')]
    await hal.member.mute({ roomId, userId: 'ivy' })
    const { id } = await ivy.schedule.create({ roomId, clientId: newId(), content: 'Unmuted', sendAt: new Date() })
    expect(await failureOf('ivy', id)).toMatchObject({ failureReason: 'MUTED' })
    await hal.member.unmute({ roomId, userId: 'ivy' })
    expect(await ivy.schedule.update({ scheduleId: id, sendAt: new Date() })).toMatchObject({
      status: 'pending',
      failureReason: null,
    })
    await messageOf('ivy', roomId, 'Unmuted')
  })

  test('a user who is banned sends nothing more', async () => {
    const roomId = await roomOf('jan', 'kai')
    const { id } = await server
      .caller('kai')
      .schedule.create({ roomId, clientId: newId(), content: 'Banned', sendAt: new Date(Date.now() + 500) })
    const { db } = server.app.services.database
    await sql`update users set banned_at = now() where tenant_id = 'default' and id = 'kai'`.execute(db)
    await until(async () => ((await row(id))?.status === 'failed' ? true : undefined))
    expect(await row(id)).toMatchObject({ failure_reason: 'USER_BANNED' })
    expect((await server.caller('jan').message.list({ roomId })).items).toEqual([])
  })

  test('slow mode is waited for', async () => {
    const roomId = await roomOf('lea', 'max')
    await server.caller('lea').room.update({ roomId, slowModeSeconds: 1 })
    const max = server.caller('max')
    await max.message.send({ roomId, clientId: newId(), content: 'Quick' })
    await max.schedule.create({ roomId, clientId: newId(), content: 'Patient', sendAt: new Date() })
    await messageOf('max', roomId, 'Patient')
  })
})

describe('a server that died', () => {
  test('between the send and the mark has not sent it twice', async () => {
    const roomId = await roomOf('nia')
    const nia = server.caller('nia')
    const clientId = newId()
    const { id } = await nia.schedule.create({ roomId, clientId, content: 'Once', sendAt: inAnHour() })
    // As it was left: the message is there, the schedule is on its way, overdue, and its job is gone.
    await nia.message.send({ roomId, clientId, content: 'Once' })
    const { db } = server.app.services.database
    await sql`select graphile_worker.remove_job('send-scheduled/default/' || ${id})`.execute(db)
    const longAgo = new Date(Date.now() - HOUR_MS)
    await db
      .updateTable('scheduled_messages')
      .set({ status: 'sending', send_at: longAgo, updated_at: longAgo })
      .where('id', '=', id)
      .execute()
    await until(async () => ((await row(id))?.status === 'sent' ? true : undefined))
    const { items } = await nia.message.list({ roomId })
    expect(items).toHaveLength(1)
    expect(await row(id)).toMatchObject({ message_id: items[0]?.id })
  })
})

test('a user schedules only so many, and pages through them in the order of time', async () => {
  const roomId = await roomOf('olga')
  const olga = server.caller('olga')
  const { db } = server.app.services.database
  const at = inAnHour().getTime()
  const rows = Array.from({ length: LIMITS.scheduled }, (_, n) => ({
    tenant_id: 'default',
    id: newId(),
    user_id: 'olga',
    room_id: roomId,
    client_id: newId(),
    client_hash: Buffer.alloc(32),
    content: `Later ${n}`,
    send_at: new Date(at + (n % 10)),
  }))
  await db.insertInto('scheduled_messages').values(rows).execute()
  const another = { roomId, clientId: newId(), content: 'One too many', sendAt: inAnHour() }
  expect(await refusalOf(() => olga.schedule.create(another))).toMatchObject({ reason: 'LIMIT_REACHED' })
  const seen: { id: string; sendAt: Date }[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof olga.schedule.list>> = await olga.schedule.list({
      roomId,
      limit: 30,
      ...(cursor ? { cursor } : {}),
    })
    seen.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(new Set(seen.map(({ id }) => id)).size).toBe(LIMITS.scheduled)
  const times = seen.map(({ sendAt }) => sendAt.getTime())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})
