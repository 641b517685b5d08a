import { describe, expect, test } from 'vitest'
import { MAX_BATCH, SendLane, type WaitingSend } from '../../server/message/send-lane.ts'
import type { Send } from '../../server/message/send-statement.ts'
import { newId } from '../support/test-app.ts'

const sendOf = (content: string, more: Partial<Send> = {}): Send => ({
  tenantId: 'default',
  roomId: newId(),
  senderId: 'ada',
  clientId: newId(),
  clientHash: Buffer.alloc(32),
  id: newId(),
  content,
  replyToId: null,
  meta: '{}',
  isOnBehalf: false,
  isService: false,
  forwardedFrom: null,
  ...more,
})

/** A lane whose batches are written when the test says so. */
function heldLane() {
  const batches: string[][] = []
  const held: (() => void)[] = []
  let idles = 0
  const lane: SendLane = new SendLane(
    async (batch: WaitingSend[]) => {
      batches.push(batch.map(({ send }) => send.content))
      await new Promise<void>((resolve) => held.push(resolve))
      for (const { resolve } of batch) resolve(undefined)
    },
    () => void idles++,
  )
  return { lane, batches, write: () => held.shift()?.(), idles: () => idles }
}

describe('a lane', () => {
  test('gathers what comes in one turn and what comes while a batch is written', async () => {
    const { lane, batches, write, idles } = heldLane()
    const sends = [lane.add(sendOf('one')), lane.add(sendOf('two'))]
    await expect.poll(() => batches).toEqual([['one', 'two']])
    sends.push(lane.add(sendOf('three')), lane.add(sendOf('four')))
    expect([lane.queued, idles()]).toEqual([2, 0])
    write()
    await expect.poll(() => batches.at(-1)).toEqual(['three', 'four'])
    write()
    await Promise.all(sends)
    await expect.poll(idles).toBe(1)
    sends.push(lane.add(sendOf('five')))
    await expect.poll(() => batches.at(-1)).toEqual(['five'])
    write()
    await Promise.all(sends)
  })

  test('puts no repetition, no other tenant and no more than there may be into one batch', async () => {
    const { lane, batches, write } = heldLane()
    const twice = sendOf('twice')
    const sends = [lane.add(twice), lane.add(twice), lane.add(sendOf('elsewhere', { tenantId: 'another' }))]
    for (let index = 0; index < MAX_BATCH; index++) sends.push(lane.add(sendOf('more')))
    const sizes = () => batches.map((batch) => batch.length)
    await expect.poll(sizes).toEqual([MAX_BATCH])
    write()
    await expect.poll(sizes).toEqual([MAX_BATCH, 2])
    expect(batches[1]?.toSorted((a, b) => a.localeCompare(b))).toEqual(['more', 'twice'])
    write()
    await expect.poll(sizes).toEqual([MAX_BATCH, 2, 1])
    write()
    await Promise.all(sends)
  })

  test('that is taken down gives back what waits, and takes no more', async () => {
    const { lane, batches, write, idles } = heldLane()
    const first = lane.add(sendOf('one'))
    await expect.poll(() => batches).toHaveLength(1)
    const second = lane.add(sendOf('two'))
    const waiting = lane.close()
    expect(waiting.map(({ send }) => send.content)).toEqual(['two'])
    await expect(lane.add(sendOf('three'))).rejects.toThrow('its lane is closed')
    expect(() => lane.close()).toThrow('closed to closed')
    for (const { resolve } of waiting) resolve(undefined)
    write()
    await Promise.all([first, second])
    expect([batches.length, idles()]).toEqual([1, 0])
  })

  test('refuses what is beyond its bound, to be tried again', async () => {
    const { lane, batches, write } = heldLane()
    const first = lane.add(sendOf('first'))
    await expect.poll(() => batches).toHaveLength(1)
    const sends = Array.from({ length: 10_000 }, () => lane.add(sendOf('waits')))
    await expect(lane.add(sendOf('too many'))).rejects.toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs: 250 })
    for (const { resolve } of lane.close()) resolve(undefined)
    write()
    await Promise.all([first, ...sends])
  })
})
