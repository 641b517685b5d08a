import { describe, expect, test } from 'vitest'
import { checkUnread } from '../../server/unread/unread-check.ts'
import { LIMITS, type Receipt } from '../../shared/index.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

const say = (userId: string, roomId: string) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Hello' })

/** What a client knows of a room's receipts: the list, and what changed since. */
class FoldedReceipts {
  readonly receipts = new Map<string, Receipt>()
  readonly batches: Receipt[][] = []
  failure: unknown
  readonly #stop: () => void
  #changed = Promise.withResolvers<void>()

  constructor(client: Awaited<ReturnType<typeof server.connect>>, roomId: string) {
    const subscription = client.receipt.onChange.subscribe(
      { roomId },
      {
        onData: (batch) => {
          this.batches.push(batch)
          for (const receipt of batch) this.receipts.set(receipt.userId, receipt)
          this.#tell()
        },
        onError: (error) => {
          this.failure = error.data?.reason
          this.#tell()
        },
      },
    )
    this.#stop = () => subscription.unsubscribe()
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await this.#changed.promise
  }

  stop(): void {
    this.#stop()
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

describe('receipts', () => {
  test('say how far who has read and got messages; both only move forward, and no further than the head', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = await server.connect('ben')
    const [first, second, third] = [await say('ada', roomId), await say('ada', roomId), await say('ada', roomId)]
    const his = async () => (await ben.receipt.list.query({ roomId })).items.find(({ userId }) => userId === 'ben')
    await ben.receipt.delivered.mutate({ roomId, seq: second.seq })
    expect(await his()).toMatchObject({ deliveredSeq: second.seq, readAt: null })
    await ben.receipt.read.mutate({ roomId, seq: first.seq })
    expect(await his()).toMatchObject({ readSeq: first.seq, deliveredSeq: second.seq, readAt: expect.any(Date) })
    await ben.receipt.read.mutate({ roomId, seq: third.seq + 100 })
    await ben.receipt.delivered.mutate({ roomId, seq: first.seq })
    expect(await his()).toMatchObject({ readSeq: third.seq, deliveredSeq: third.seq })
    expect((await server.caller('ben').room.get({ roomId })).viewer.unread).toBe(0)
  })

  test('stay where they were when the reader marks messages as unread, and move on only beyond that', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = server.caller('ben')
    const own = async () => {
      const { viewer } = await ben.room.get({ roomId })
      return { readSeq: viewer.readSeq, unread: viewer.unread, unreadMarks: viewer.unreadMarks }
    }
    const [first, second, third] = [await say('ada', roomId), await say('ada', roomId), await say('ben', roomId)]
    const watching = new FoldedReceipts(await server.connect('ada'), roomId)
    await watching.until(() => watching.receipts.get('ben')?.readSeq === third.seq)
    const before = watching.receipts.get('ben')

    await ben.receipt.markUnread({ roomId, seq: second.seq })
    // A call that is sent again changes no count.
    await ben.receipt.markUnread({ roomId, seq: second.seq })
    expect(await own()).toEqual({ readSeq: second.seq - 1, unread: 1, unreadMarks: 2 })
    await ben.receipt.markUnread({ roomId, seq: first.seq })
    await ben.receipt.markUnread({ roomId, seq: third.seq })
    await ben.receipt.markUnread({ roomId, seq: third.seq + 100 })
    expect(await own()).toEqual({ readSeq: first.seq - 1, unread: 2, unreadMarks: 4 })
    await ben.receipt.read({ roomId, seq: third.seq })
    await ben.receipt.delivered({ roomId, seq: third.seq })
    expect(await own()).toEqual({ readSeq: third.seq, unread: 0, unreadMarks: 4 })
    expect((await server.caller('ada').receipt.list({ roomId })).items).toContainEqual(before)

    const { seq } = await say('ada', roomId)
    await ben.receipt.read({ roomId, seq })
    await watching.until(() => watching.receipts.get('ben')?.readSeq === seq)
    expect(watching.batches.flat().filter(({ userId }) => userId === 'ben')).toHaveLength(2)
    watching.stop()
  })

  test('of what was on the screen change nothing once messages were marked as unread that they do not know of', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = server.caller('ben')
    const { seq } = await say('ada', roomId)
    const unread = async () => (await ben.room.get({ roomId })).viewer.unread
    await ben.receipt.read({ roomId, seq, unreadMarks: 0 })
    await ben.receipt.markUnread({ roomId, seq })
    await ben.receipt.read({ roomId, seq, unreadMarks: 0 })
    expect(await unread()).toBe(1)
    // Whatever shares a statement.
    const known = (unreadMarks: number) => ben.receipt.read({ roomId, seq, unreadMarks })
    await Promise.all([known(0), ben.receipt.read({ roomId, seq: seq - 1 }), known(0)])
    expect(await unread()).toBe(1)
    await Promise.all([known(0), known(1), known(0)])
    expect(await unread()).toBe(0)
    await ben.receipt.markUnread({ roomId, seq })
    await ben.receipt.read({ roomId, seq })
    expect(await unread()).toBe(0)
  })

  test('an own message above the mark is not unread, whether it is deleted or hidden, and a new one reads everything', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = server.caller('ben')
    const { seq } = await say('ada', roomId)
    const [deleted, hidden] = [await say('ben', roomId), await say('ben', roomId)]
    await say('ben', roomId)
    await say('ada', roomId)
    await ben.receipt.markUnread({ roomId, seq })
    const { viewer } = await ben.room.get({ roomId })
    expect(viewer.unread).toBe(2)
    await ben.message.delete({ roomId, messageId: deleted.id })
    await ben.message.hide({ roomId, messageId: hidden.id })
    expect((await ben.room.get({ roomId })).viewer.unread).toBe(2)
    await ben.receipt.read({ roomId, seq: hidden.seq })
    expect((await ben.room.get({ roomId })).viewer.unread).toBe(1)
    await say('ben', roomId)
    expect((await ben.room.get({ roomId })).viewer.unread).toBe(0)
    expect(await checkUnread(server.app.services.database.db, { tenantId: 'default', roomId })).toEqual([])
  })

  test('follow from the messages, however sends, reads and marks of one member race', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = server.caller('ben')
    const seqs = [1, 2, 3].map(() => say('ada', roomId))
    const from = (await Promise.all(seqs)).map(({ seq }) => seq)
    for (let round = 0; round < 20; round++) {
      const seq = from[round % 3] ?? 0
      await Promise.all([
        say('ben', roomId),
        ben.receipt.markUnread({ roomId, seq }),
        ben.receipt.read({ roomId, seq: seq + round }),
        say('ada', roomId),
        ben.receipt.markUnread({ roomId, seq: seq + 1 }),
        say('ben', roomId),
      ])
      expect(await checkUnread(server.app.services.database.db, { tenantId: 'default', roomId })).toEqual([])
    }
  })

  test('nobody marks what was before their time as unread', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ada = server.caller('ada')
    await ada.room.update({ roomId, historyVisibility: 'joined' })
    const before = await say('ada', roomId)
    await server.caller('cleo').auth.me()
    await ada.member.add({ roomId, userIds: ['cleo'] })
    const cleo = server.caller('cleo')
    await say('ada', roomId)
    await cleo.receipt.markUnread({ roomId, seq: before.seq })
    expect((await cleo.room.get({ roomId })).viewer).toMatchObject({ unread: 1 })
    await cleo.receipt.read({ roomId, seq: 1_000 })
    await cleo.receipt.markUnread({ roomId, seq: 0 })
    expect((await cleo.room.get({ roomId })).viewer).toMatchObject({ unread: 1 })
    const { items } = await cleo.message.list({ roomId })
    expect(items).toHaveLength(1)
  })

  test('are listed page by page', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    const ada = server.caller('ada')
    const page = await ada.receipt.list({ roomId, limit: 2 })
    const rest = await ada.receipt.list({ roomId, limit: 2, cursor: page.nextCursor ?? '' })
    expect([...page.items, ...rest.items].map(({ userId }) => userId)).toEqual(['ada', 'ben', 'cleo'])
    expect(rest.nextCursor).toBeNull()
  })

  test('of who keeps them to themselves are shown to nobody, and counted all the same', async () => {
    const roomId = await roomOf('eve', 'fay')
    const fay = server.caller('fay')
    const seen = async () => (await server.caller('eve').receipt.list({ roomId })).items.map(({ userId }) => userId)
    expect(await seen()).toEqual(['eve', 'fay'])
    await fay.preferences.update({ hidesReceipts: true })
    expect(await seen()).toEqual(['eve'])
    const watching = new FoldedReceipts(await server.connect('eve'), roomId)
    await watching.until(() => watching.receipts.size === 1)
    const { seq } = await say('eve', roomId)
    await fay.receipt.read({ roomId, seq })
    expect((await fay.room.get({ roomId })).viewer.unread).toBe(0)
    await fay.preferences.update({ hidesReceipts: false })
    await fay.receipt.read({ roomId, seq: (await say('eve', roomId)).seq })
    await watching.until(() => watching.receipts.has('fay'))
    watching.stop()
  })

  test('are sent whole, then as they change, several changes as one; who sends a message emits none', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    const watching = new FoldedReceipts(await server.connect('ada'), roomId)
    await watching.until(() => watching.receipts.size === 3)
    const seqs: number[] = []
    for (let count = 0; count < 20; count++) seqs.push((await say('ada', roomId)).seq)
    for (const seq of seqs) await server.caller('ben').receipt.read({ roomId, seq })
    await server.caller('cleo').receipt.delivered({ roomId, seq: seqs.at(-1) ?? 0 })
    await watching.until(() => watching.receipts.get('ben')?.readSeq === seqs.at(-1))
    await watching.until(() => watching.receipts.get('cleo')?.deliveredSeq === seqs.at(-1))
    expect(watching.batches.length).toBeLessThan(seqs.length)
    expect(watching.batches.slice(1).some((batch) => batch.some(({ userId }) => userId === 'ada'))).toBe(false)
    const { items } = await server.caller('ada').receipt.list({ roomId })
    for (const name of ['ben', 'cleo']) expect(items).toContainEqual(watching.receipts.get(name))
    await server.caller('dov').auth.me()
    await server.caller('ada').member.add({ roomId, userIds: ['dov'] })
    await watching.until(() => watching.receipts.has('dov'))
    watching.stop()
  })

  test('end with the membership, and where the room has become a large one, which is asked page by page', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [ada, ben] = [
      new FoldedReceipts(await server.connect('ada'), roomId),
      new FoldedReceipts(await server.connect('ben'), roomId),
    ]
    for (const each of [ada, ben]) await each.until(() => each.batches.length > 0)
    await server.caller('ada').member.remove({ roomId, userId: 'ben' })
    await ben.until(() => ben.failure !== undefined)
    expect(ben.failure).toBe('NOT_A_MEMBER')
    const host = server.caller('host', { role: 'service' })
    const crowd = Array.from({ length: LIMITS.smallRoom }, (_, index) => `guest-${index}`)
    for (const id of crowd) await host.user.upsert({ id, name: id })
    for (let from = 0; from < crowd.length; from += LIMITS.userIds) {
      await host.member.add({ roomId, userIds: crowd.slice(from, from + LIMITS.userIds) })
    }
    await ada.until(() => ada.failure !== undefined)
    expect(ada.failure).toBe('LARGE_ROOM')
    const late = new FoldedReceipts(await server.connect('ada'), roomId)
    await late.until(() => late.failure !== undefined)
    expect(late.failure).toBe('LARGE_ROOM')
    expect((await server.caller('ada').receipt.list({ roomId, limit: 100 })).items).toHaveLength(100)
  }, 30_000)
})
