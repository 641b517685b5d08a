import type { Logger } from 'pino'
import type { Receipt } from '../../shared/receipt.ts'
import { type Bus, roomChannel } from '../bus/bus.ts'
import type { Database } from '../db/database.ts'
import { KeyedSubscriptions, type Opening } from '../lib/keyed-subscriptions.ts'
import { readReceiptsOf } from './receipt-read.ts'

type ReceiptListener = (changed: Receipt[]) => void

/** Minimum interval between two updates of a room's receipts. */
const INTERVAL_MS = 250

/**
 * The receipts of the rooms that are watched on this node. Members whose markers moved are gathered for a quarter of a second;
 * then one read provides their receipts to all watchers of the room. The gathered set has at most one entry per member.
 */
export class ReceiptBoard {
  readonly #database: Database
  readonly #bus: Bus
  readonly #log: Logger
  readonly #boards = new KeyedSubscriptions<Board>()

  constructor(database: Database, bus: Bus, log: Logger) {
    this.#database = database
    this.#bus = bus
    this.#log = log
  }

  /** Every change after this resolves is reported, until the returned function is called. */
  async watch(tenantId: string, roomId: string, listener: ReceiptListener): Promise<() => void> {
    const open = () => this.#open(tenantId, roomId)
    const { value: board, release } = await this.#boards.acquire(roomChannel(tenantId, roomId), open)
    board.listeners.add(listener)
    return () => {
      board.listeners.delete(listener)
      release()
    }
  }

  /** Requests that a user's receipt be read again and sent to this node's watchers of the room. */
  note(tenantId: string, roomId: string, userId: string): void {
    this.#boards.get(roomChannel(tenantId, roomId))?.note(userId)
  }

  close(): void {
    this.#boards.close()
  }

  #open(tenantId: string, roomId: string): Opening<Board> {
    const read = (userIds: string[]) => readReceiptsOf(this.#database.db, { tenantId, roomId }, userIds)
    const board = new Board(read, this.#log)
    const opened = this.#bus.subscribe(roomChannel(tenantId, roomId), (message) => {
      if (message.type === 'receipt.moved') board.note(message.userId)
    })
    return { value: board, opened, close: () => board.close() }
  }
}

class Board {
  readonly listeners = new Set<ReceiptListener>()
  readonly #read: (userIds: string[]) => Promise<Receipt[]>
  readonly #log: Logger
  #moved = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(read: (userIds: string[]) => Promise<Receipt[]>, log: Logger) {
    this.#read = read
    this.#log = log
  }

  note(userId: string): void {
    this.#moved.add(userId)
    this.#timer ??= setTimeout(() => void this.#tell(), INTERVAL_MS).unref()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  /** The timer stays set until the read is done: later moves, and receipts that could not be read, are in the next update. */
  async #tell(): Promise<void> {
    const userIds = [...this.#moved]
    this.#moved.clear()
    try {
      const receipts = await this.#read(userIds)
      if (receipts.length > 0) for (const listener of this.listeners) listener(receipts)
    } catch (error) {
      this.#log.debug({ err: error }, 'unable to read receipts; the next read tries again')
      for (const userId of userIds) this.#moved.add(userId)
    }
    this.#timer = undefined
    const [next] = this.#moved
    if (next !== undefined && !this.#isClosed) this.note(next)
  }
}
