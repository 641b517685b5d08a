import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { BusListener, Unsubscribe } from '../../server/bus/bus.ts'
import { MemoryBus } from '../../server/bus/memory-bus.ts'
import { TypingBoard } from '../../server/typing/typing-board.ts'

/** Its first subscription fails, as where Redis goes away in that moment. */
class StumblingBus extends MemoryBus {
  #hasStumbled = false

  override async subscribe(channel: string, listener: BusListener): Promise<Unsubscribe> {
    if (this.#hasStumbled) return super.subscribe(channel, listener)
    this.#hasStumbled = true
    throw new Error('The connection is lost')
  }
}

const log = pino({ level: 'silent' })
const typist = (id: string) => ({ id, name: id, pictureUrl: null })

describe('a typing board', () => {
  test('lets go of a room that could not be subscribed, so that the next watcher can', async () => {
    const board = new TypingBoard(new StumblingBus(log), 60_000)
    await expect(board.watch('default', 'room', () => undefined)).rejects.toThrow('lost')
    const release = await board.watch('default', 'room', () => undefined)
    board.set('default', 'room', typist('ben'), true)
    expect(board.read('default', 'room').users).toEqual([typist('ben')])
    release()
    board.close()
  })

  test('shows the first hundred of those who type at once', async () => {
    const board = new TypingBoard(new MemoryBus(log), 60_000)
    const release = await board.watch('default', 'room', () => undefined)
    for (let index = 0; index < 150; index++) board.set('default', 'room', typist(`user ${index}`), true)
    expect(board.read('default', 'room').users).toHaveLength(100)
    board.set('default', 'room', typist('user 0'), false)
    board.set('default', 'room', typist('late'), true)
    expect(board.read('default', 'room').users.at(-1)).toEqual(typist('late'))
    release()
    board.close()
  })
})
