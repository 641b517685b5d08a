import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../shared/limits.ts'
import { refusalOf } from '../rpc/refusal.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

describe('a draft', () => {
  test('follows its author to another device, and nobody else', async () => {
    const [phone, laptop] = [await server.connect('ada'), await server.connect('ada')]
    const roomId = await roomOf('ada', 'ben')
    const draft = await phone.draft.set.mutate({ roomId, content: 'Dear a' })
    expect(draft).toEqual({ roomId, threadId: null, content: 'Dear a', updatedAt: expect.any(Date) })
    expect(await laptop.draft.get.query({ roomId })).toEqual(draft)
    expect(await laptop.draft.list.query({})).toEqual({ items: [draft], nextCursor: null })
    expect(await server.caller('ben').draft.get({ roomId })).toBeNull()

    await laptop.draft.set.mutate({ roomId, content: 'Dear all' })
    expect(await phone.draft.get.query({ roomId })).toMatchObject({ content: 'Dear all' })
    expect(await phone.draft.set.mutate({ roomId, content: '' })).toBeNull()
    expect(await laptop.draft.list.query()).toEqual({ items: [], nextCursor: null })
  })

  test('of a thread is another one than that of its room', async () => {
    const roomId = await roomOf('cleo')
    const cleo = server.caller('cleo')
    const { id: threadId } = await cleo.message.send({ roomId, clientId: newId(), content: 'Root' })
    await cleo.draft.set({ roomId, content: 'In the room' })
    await cleo.draft.set({ roomId, threadId, content: 'In the thread' })
    expect(await cleo.draft.get({ roomId })).toMatchObject({ threadId: null, content: 'In the room' })
    expect(await cleo.draft.get({ roomId, threadId })).toMatchObject({ threadId, content: 'In the thread' })
    await cleo.draft.set({ roomId, content: '' })
    expect((await cleo.draft.list()).items).toMatchObject([{ content: 'In the thread' }])
    expect(await refusalOf(() => cleo.draft.set({ roomId, threadId: newId(), content: 'x' }))).toMatchObject({
      reason: 'INVALID_INPUT',
      issues: [{ path: 'threadId' }],
    })
  })

  test('stays out of the list while its author is not in the room', async () => {
    const roomId = await roomOf('dov', 'eve')
    const eve = server.caller('eve')
    await eve.draft.set({ roomId, content: 'Unfinished' })
    await server.caller('dov').member.remove({ roomId, userId: 'eve' })
    expect((await eve.draft.list()).items).toEqual([])
    expect(await refusalOf(() => eve.draft.get({ roomId }))).toMatchObject({ reason: 'NOT_FOUND' })
  })

  test('two devices that begin at once keep one', async () => {
    const roomId = await roomOf('fay')
    const fay = server.caller('fay')
    await Promise.all(['one', 'two', 'three'].map((content) => fay.draft.set({ roomId, content })))
    expect((await fay.draft.list()).items).toHaveLength(1)
  })
})

test('drafts are listed latest first, page by page, and there are only so many', async () => {
  const roomId = await roomOf('gus')
  const gus = server.caller('gus')
  const { db } = server.app.services.database
  const at = new Date(Date.now() - 60_000)
  const rows = Array.from({ length: LIMITS.drafts }, (_, n) => ({
    tenant_id: 'default',
    user_id: 'gus',
    room_id: roomId,
    thread_id: newId(),
    content: `Draft ${n}`,
    updated_at: n % 2 === 0 ? at : new Date(at.getTime() - n),
  }))
  await db.insertInto('drafts').values(rows).execute()
  expect(await refusalOf(() => gus.draft.set({ roomId, content: 'One too many' }))).toMatchObject({
    reason: 'LIMIT_REACHED',
  })
  const seen: { content: string; updatedAt: Date }[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof gus.draft.list>> = await gus.draft.list({
      limit: 70,
      ...(cursor ? { cursor } : {}),
    })
    seen.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(new Set(seen.map((draft) => draft.content)).size).toBe(LIMITS.drafts)
  expect(seen.map((draft) => draft.updatedAt.getTime())).toEqual(
    seen.map((draft) => draft.updatedAt.getTime()).toSorted((a, b) => b - a),
  )
})
