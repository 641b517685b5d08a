import { setImmediate as turn } from 'node:timers/promises'
import { TRPCError } from '@trpc/server'
import { expect, test } from 'vitest'
import type { IncomingFrame } from '../../server/transport/incoming-calls.ts'
import { TurnBudget } from '../../server/transport/turn-budget.ts'
import { UnreadFrames } from '../../server/transport/unread-frames.ts'
import { collectGarbage } from './collect-garbage.ts'

const owner = {
  isOpen: true,
  user: 'ada',
  holdBack: () => undefined,
  pong: () => undefined,
  countCalls: () => undefined,
  refuse: () => undefined,
}

test('nothing of a frame is kept once its calls are begun: what it was read into may be much larger', async () => {
  let taken = 0
  const error = new TRPCError({ code: 'BAD_REQUEST' })
  const desk = {
    open: ({ content }: IncomingFrame) => ({
      messages: [1, 2].map((weight) => ({
        weight,
        read: () => ({ id: content.length, jsonrpc: undefined, error }),
      })),
    }),
    take: () => taken++,
    answers: { refuseAll: () => undefined },
  }
  const unread = new UnreadFrames(desk, new TurnBudget(), owner)
  unread.release()
  const refOf = (content: Buffer) => {
    unread.push({ content, isBinary: false })
    return new WeakRef(content)
  }
  const frame = refOf(Buffer.alloc(100_000))
  expect(taken).toBe(2)
  // A reference holds what it refers to for the turn that made it.
  await turn()
  collectGarbage()
  expect(frame.deref()).toBeUndefined()
  expect(unread.isEmpty).toBe(true)
})

test('batches that are refused take turns as calls do', async () => {
  let refused = 0
  const error = new TRPCError({ code: 'BAD_REQUEST' })
  const desk = {
    open: () => ({ weight: 256_000, calls: [], error }),
    take: () => undefined,
    answers: { refuseAll: () => void refused++ },
  }
  const unread = new UnreadFrames(desk, new TurnBudget(), owner)
  unread.release()
  for (let frame = 0; frame < 20; frame++) unread.push({ content: Buffer.alloc(8_000), isBinary: false })
  expect(refused).toBeLessThan(4)
  while (!unread.isEmpty) await turn()
  expect(refused).toBe(20)
})
