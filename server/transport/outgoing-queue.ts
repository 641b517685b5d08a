import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { frameHead, type MessageType } from './websocket-frame.ts'

/** What the queue tells its connection. */
export interface QueueOwner {
  /** More than `maxQueuedBytes` are queued, and a message was dropped; or the peer has read nothing for `maxStallMs`. */
  overflow(): void
  /** The kernel was full, more was waiting, and it took some: the peer must have read something. */
  gainedRoom(): void
}

interface OutgoingQueueOptions {
  flushes: FlushScheduler
  /** Bytes queued above which everything that can wait has to. */
  highWaterBytes?: number | undefined
  /** Bytes queued above which a live event is dropped, and the connection with it. */
  maxQueuedBytes?: number | undefined
  maxStallMs?: number | undefined
  owner: QueueOwner
}

/**
 * Flushes all queues that were written to, once, after every callback of this turn of the event loop: with one `setImmediate`.
 */
export class FlushScheduler {
  #due: OutgoingQueue[] = []
  readonly #flush = () => {
    const due = this.#due
    this.#due = []
    for (const queue of due) queue.flush()
  }

  /** Schedules a flush: once a turn for each queue. */
  add(queue: OutgoingQueue): void {
    if (this.#due.push(queue) === 1) setImmediate(this.#flush)
  }
}

/** What is handed to the socket at once, give or take a message. */
const PIECE_BYTES = 64 << 10

/**
 * The messages that one connection is sent, in order, in one system call a turn. Three kinds go through it:
 * - Live events, errors and `started` are taken at once, and bounded by `maxQueuedBytes`.
 * - Replays and generators can wait. They check `hasRoom`, wait for `drained`, and never queue more than `highWaterBytes` and one
 *   event.
 * - Responses to calls wait as well. However large one is, it does not make the live events behind it exceed the bound.
 *
 * It writes to the socket itself, past ws, and hands over whole frames, a piece of them at a time: the next piece when the kernel
 * has taken the last. For that reason the frames of ws itself (ping, pong, close) never cut into one of these, a ping does not
 * wait behind all that is queued, and a slow peer can be told from a dead one. A close would overtake as well: `flushAll` comes
 * before it.
 */
export class OutgoingQueue {
  readonly #client: WebSocket
  readonly #socket: Socket
  readonly #flushes: FlushScheduler
  readonly #highWaterBytes: number
  readonly #maxQueuedBytes: number
  readonly #maxStallMs: number | undefined
  readonly #owner: QueueOwner
  /** The frames of this turn. */
  #gathered = ''
  /** Whole frames that wait for the kernel. Bounded, together with `#gathered`, by `maxQueuedBytes` and the responses. */
  readonly #waiting: string[] = []
  #waitingBytes = 0
  /** An upper bound on the bytes of responses among what is queued. */
  #responseBytes = 0
  #isFlushDue = false
  /** Whether the kernel's buffer for this peer is full. */
  #isFull = false
  /** Set while the kernel is full: a peer that goes on talking shows no other sign that it does not read. */
  #stall: ReturnType<typeof setTimeout> | undefined
  /** Bounded by the calls and subscriptions of the connection, each of which waits at most once. */
  readonly #waiters: (() => void)[] = []

  constructor(client: WebSocket, socket: Socket, options: OutgoingQueueOptions) {
    this.#client = client
    this.#socket = socket
    this.#flushes = options.flushes
    this.#highWaterBytes = options.highWaterBytes ?? Infinity
    this.#maxQueuedBytes = options.maxQueuedBytes ?? Infinity
    this.#maxStallMs = options.maxStallMs
    this.#owner = options.owner
  }

  /** Bytes that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#gathered.length + this.#waitingBytes + this.#socket.writableLength
  }

  get hasRoom(): boolean {
    return this.queuedBytes <= this.#highWaterBytes
  }

  /** Sends a message of two parts, each a string of one character a byte. Sends nothing once the connection closes. */
  send(type: MessageType, head: string, body: string): void {
    if (this.#client.readyState !== WebSocket.OPEN) return
    if (this.queuedBytes - this.#responseBytes > this.#maxQueuedBytes) return this.#owner.overflow()
    this.#gather(frameHead(type, head.length + body.length) + head + body)
  }

  /** Sends the response to a call, after `drained`. */
  sendResponse(type: MessageType, response: string): void {
    this.#responseBytes += response.length
    this.send(type, '', response)
  }

  /** Sends what is said before the close, however much is queued. */
  sendLast(type: MessageType, bytes: string): void {
    if (this.#client.readyState === WebSocket.OPEN) this.#gather(frameHead(type, bytes.length) + bytes)
  }

  /** A promise of the caller's turn to send more; undefined if there is room now. It also resolves when the connection ends. */
  drained(): Promise<void> | undefined {
    if (this.hasRoom || this.#client.readyState !== WebSocket.OPEN) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiters.push(resolve)
    // The bytes that fill the socket may not be this queue's.
    if (!this.#isFull && this.#gathered === '') this.#awaitTaken()
    return promise
  }

  /** Writes the frames of this turn. */
  flush(): void {
    this.#isFlushDue = false
    this.#write()
    if (this.#waiters.length > 0) this.#wakeNext()
  }

  /** Hands everything that is queued to the socket, however much it is. */
  flushAll(): void {
    const frames = this.#waiting.splice(0).join('') + this.#gathered
    this.#waitingBytes = 0
    this.#gathered = ''
    if (frames !== '' && this.#client.readyState === WebSocket.OPEN) this.#socket.write(frames, 'latin1')
  }

  /** Forgets everything, and lets nobody wait any longer: the connection is gone. */
  end(): void {
    clearTimeout(this.#stall)
    this.#gathered = ''
    this.#waiting.length = 0
    this.#waitingBytes = 0
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #gather(frame: string): void {
    this.#gathered += frame
    if (this.#gathered.length > PIECE_BYTES) this.#write()
    else this.#flushLater()
  }

  #flushLater(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    this.#flushes.add(this)
  }

  #write(): void {
    const frames = this.#gathered
    if (frames === '') return
    this.#gathered = ''
    if (this.#isFull) this.#enqueue(frames)
    else this.#hand(frames)
  }

  #enqueue(frames: string): void {
    this.#waitingBytes += frames.length
    const last = this.#waiting.length - 1
    const piece = this.#waiting[last]
    if (piece !== undefined && piece.length < PIECE_BYTES) this.#waiting[last] = piece + frames
    else this.#waiting.push(frames)
  }

  #hand(piece: string): void {
    if (this.#client.readyState !== WebSocket.OPEN) return
    this.#socket.write(piece, 'latin1')
    if (this.#socket.writableLength === 0) {
      if (this.#waitingBytes === 0) this.#responseBytes = 0
      return
    }
    this.#awaitTaken()
  }

  /** Waits until the kernel has taken what it did not take at once: until an empty write behind it is done. */
  #awaitTaken(): void {
    this.#isFull = true
    if (this.#maxStallMs !== undefined) this.#stall = setTimeout(() => this.#owner.overflow(), this.#maxStallMs)
    this.#socket.write('', 'latin1', () => this.#onTaken())
  }

  #onTaken(): void {
    this.#isFull = false
    clearTimeout(this.#stall)
    if (this.#waitingBytes > 0) this.#owner.gainedRoom()
    while (!this.#isFull) {
      const piece = this.#waiting.shift()
      if (piece === undefined) break
      this.#waitingBytes -= piece.length
      this.#hand(piece)
    }
    this.#wakeNext()
  }

  /** Wakes one waiter a turn, so that many replays together queue no more than one does. */
  #wakeNext(): void {
    if (this.#waiters.length === 0 || !this.hasRoom) return
    this.#waiters.shift()?.()
    if (this.#waiters.length > 0) this.#flushLater()
  }
}
