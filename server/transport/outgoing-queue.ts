import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Flushable, TurnFlusher } from './turn-flusher.ts'
import { frameHead, type MessageType } from './websocket-frame.ts'

export interface QueueOwner {
  /** More than `maxQueuedBytes` are queued, and a message was dropped; or the peer has read nothing for `maxStallMs`. */
  overflow(): void
  /** The kernel was full, more was waiting, and it took some: the peer must have read something. */
  gainedRoom(): void
}

export interface QueueOptions {
  flusher: TurnFlusher
  /** Bytes: with more than this queued, whoever can wait has to. */
  highWaterBytes?: number | undefined
  /** Bytes: what happens when more than this is queued is dropped, and the connection with it. */
  maxQueuedBytes?: number | undefined
  maxStallMs?: number | undefined
  owner: QueueOwner
}

/** What is handed to the socket at once, give or take a message. */
const PIECE_BYTES = 64 << 10

/**
 * What one connection is sent, in order, in one system call a turn. Three kinds go through it:
 * - what happens (live events, errors, `started`): taken at once, and bounded by `maxQueuedBytes`;
 * - what can wait (replays, generators): asks `hasRoom`, waits for `drained`, and so never queues more than `highWaterBytes` and one;
 * - answers of calls: wait as well, and however large one is, it does not make what happens meanwhile exceed the bound.
 *
 * It writes to the socket itself, past ws, and hands over whole frames, a piece of them at a time: the next when the kernel has taken
 * the last. So ws's own frames (ping, pong, close) never cut into one of these, a ping does not wait behind all that is queued, and
 * a slow peer can be told from a dead one. As a close would overtake as well, `flushAll` comes before it.
 */
export class OutgoingQueue implements Flushable {
  readonly #client: WebSocket
  readonly #socket: Socket
  readonly #flusher: TurnFlusher
  readonly #highWaterBytes: number
  readonly #maxQueuedBytes: number
  readonly #maxStallMs: number | undefined
  readonly #owner: QueueOwner
  /** What was sent in this turn. */
  #gathered = ''
  /** What waits for the kernel: whole frames. Bounded with `#gathered` by `maxQueuedBytes` and the answers. */
  readonly #waiting: string[] = []
  #waitingBytes = 0
  /** Bytes of answers among what is queued, at most. */
  #answerBytes = 0
  #isFlushDue = false
  /** The kernel takes no more at present: its buffer for this peer is full. */
  #isFull = false
  /** While the kernel is full: a peer that goes on talking shows no other sign that it does not read. */
  #stall: ReturnType<typeof setTimeout> | undefined
  /** Bounded by the calls and subscriptions of the connection: each waits at most once. */
  readonly #waiters: (() => void)[] = []

  constructor(client: WebSocket, socket: Socket, options: QueueOptions) {
    this.#client = client
    this.#socket = socket
    this.#flusher = options.flusher
    this.#highWaterBytes = options.highWaterBytes ?? Infinity
    this.#maxQueuedBytes = options.maxQueuedBytes ?? Infinity
    this.#maxStallMs = options.maxStallMs
    this.#owner = options.owner
  }

  /** What the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#gathered.length + this.#waitingBytes + this.#socket.writableLength
  }

  get hasRoom(): boolean {
    return this.queuedBytes <= this.#highWaterBytes
  }

  /** Sends a message of two parts: bytes, one character each. Nothing is sent once the connection closes. */
  send(type: MessageType, head: string, body: string): void {
    if (this.#client.readyState !== WebSocket.OPEN) return
    if (this.queuedBytes - this.#answerBytes > this.#maxQueuedBytes) return this.#owner.overflow()
    this.#gather(frameHead(type, head.length + body.length) + head + body)
  }

  /** The answer of a call, after `drained`. */
  sendAnswer(type: MessageType, answer: string): void {
    this.#answerBytes += answer.length
    this.send(type, '', answer)
  }

  /** What is said before the close, however much is queued. */
  sendLast(type: MessageType, bytes: string): void {
    if (this.#client.readyState === WebSocket.OPEN) this.#gather(frameHead(type, bytes.length) + bytes)
  }

  /** A promise of the caller's turn to send more; undefined where there is room now. Kept as well when the connection ends. */
  drained(): Promise<void> | undefined {
    if (this.hasRoom || this.#client.readyState !== WebSocket.OPEN) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiters.push(resolve)
    // What fills it may not be of this queue's making.
    if (!this.#isFull && this.#gathered === '') this.#awaitTaken()
    return promise
  }

  flush(): void {
    this.#isFlushDue = false
    this.#write()
    this.#wakeNext()
  }

  /** Hands all that is queued to the socket, however much it is. */
  flushAll(): void {
    const frames = this.#waiting.splice(0).join('') + this.#gathered
    this.#waitingBytes = 0
    this.#gathered = ''
    if (frames !== '' && this.#client.readyState === WebSocket.OPEN) this.#socket.write(frames, 'latin1')
  }

  /** The connection is gone: nobody waits any longer. */
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
    this.#flusher.add(this)
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
      if (this.#waitingBytes === 0) this.#answerBytes = 0
      return
    }
    this.#awaitTaken()
  }

  /** What the kernel has not taken at once it has taken when an empty write behind it is done. */
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

  /** One waiter a turn, so that many replays together queue no more than one. */
  #wakeNext(): void {
    if (this.#waiters.length === 0 || !this.hasRoom) return
    this.#waiters.shift()?.()
    if (this.#waiters.length > 0) this.#flushLater()
  }
}
