import { setImmediate as turn } from 'node:timers/promises'
import { TRPCError } from '@trpc/server'
import { expect, test } from 'vitest'
import type { ReadRules } from '../../server/transport/frame-reader.ts'
import { IncomingQueue } from '../../server/transport/incoming-queue.ts'
import { TurnBudget } from '../../server/transport/turn-budget.ts'
import { WireFormat } from '../../server/transport/wire-format.ts'
import { collectGarbage } from './collect-garbage.ts'
import { t } from './served-router.ts'
import { query } from './wire-peer.ts'

/** A queue of an open connection, and the numbers of messages that it dispatched and batches that it refused. */
function openQueue(options: ReadRules['options'] = {}) {
  const seen = { dispatched: 0, refused: 0 }
  const queue = new IncomingQueue({
    source: { isOpen: true, user: 'ada', pong: () => undefined, refuse: () => undefined },
    rules: { options, format: new WireFormat(t.router({})), overLimit: () => new TRPCError({ code: 'BAD_REQUEST' }) },
    budget: new TurnBudget(),
    throttle: { countCalls: () => undefined, holdBack: () => undefined },
    dispatcher: { dispatch: () => void seen.dispatched++ },
    responses: { refuseAll: () => void seen.refused++ },
  })
  return { queue, seen }
}

const batchOf = (calls: number) => Buffer.from(JSON.stringify(Array.from({ length: calls }, (_, id) => query(id, 'a'))))

test('nothing of a frame is kept once its calls are begun: what it was read into may be much larger', async () => {
  const { queue, seen } = openQueue()
  queue.release()
  const refOf = (content: Buffer) => {
    queue.push({ content, isBinary: false })
    return new WeakRef(content)
  }
  const frame = refOf(batchOf(2))
  expect(seen.dispatched).toBe(2)
  // A reference holds what it refers to for the turn that made it.
  await turn()
  collectGarbage()
  expect(frame.deref()).toBeUndefined()
  expect(queue.isEmpty).toBe(true)
})

test('batches that are refused take turns as calls do', async () => {
  const { queue, seen } = openQueue({ maxBatchSize: 1 })
  queue.release()
  for (let frame = 0; frame < 20; frame++) queue.push({ content: batchOf(1_000), isBinary: false })
  expect(seen.refused).toBeLessThan(4)
  while (!queue.isEmpty) await turn()
  expect(seen.refused).toBe(20)
})

test('a closed queue takes nothing, and its context comes too late', () => {
  const { queue, seen } = openQueue()
  queue.push({ content: batchOf(1), isBinary: false })
  queue.close()
  queue.release()
  queue.push({ content: batchOf(1), isBinary: false })
  queue.close()
  expect(seen.dispatched).toBe(0)
  expect(queue.isEmpty).toBe(true)
})

test('the context of a connection is made once', () => {
  const { queue } = openQueue()
  queue.release()
  expect(() => queue.release()).toThrow('from dispatching to dispatching')
})
