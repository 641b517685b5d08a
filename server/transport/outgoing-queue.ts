import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { TurnFlusher } from './turn-flusher.ts'
import { frameHead, type MessageType } from './websocket-frame.ts'

export interface QueueBounds {
  /** Bytes: with more than this queued, whoever can wait has to. */
  highWaterBytes: number
  /** Bytes: what comes when more than this is queued is dropped, and the connection with it. */
  maxQueuedBytes: number
}

/** A turn gathers no more than this before it writes: the kernel may take it, and then nothing is queued at all. */
const GATHERED_BYTES = 64 << 10

/**
 * What one connection is sent, in order, in one system call a turn. Three kinds go through it:
 * - what happens (live events, errors, `started`): sent at once, and bounded by `maxQueuedBytes`;
 * - what can wait (replays, generators): asks `hasRoom`, waits for `drained`, and so never queues more than `highWaterBytes` and one;
 * - answers of calls: wait as well, and however large one is, it does not make what happens meanwhile exceed the bound.
 *
 * It writes to the socket itself, past ws, whose own frames (ping, pong, close) are written whole and at once: they may overtake what
 * was gathered in this turn, but never cut into it. Before a close, call `flush`.
 */
export class OutgoingQueue {
  readonly #client: WebSocket
  readonly #socket: Socket
  readonly #flusher: TurnFlusher
  readonly #bounds: QueueBounds
  readonly #onOverflow: () => void
  #gathered = ''
  /** Bytes of answers among what is queued. */
  #answerBytes = 0
  #isFlushDue = false
  #isMarked = false
  /** Bounded by the calls and subscriptions of the connection: each waits at most once. */
  readonly #waiters: (() => void)[] = []

  constructor(
    client: WebSocket,
    socket: Socket,
    { flusher, bounds, onOverflow }: { flusher: TurnFlusher; bounds: QueueBounds; onOverflow: () => void },
  ) {
    this.#client = client
    this.#socket = socket
    this.#flusher = flusher
    this.#bounds = bounds
    this.#onOverflow = onOverflow
  }

  /** What the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#gathered.length + this.#socket.writableLength
  }

  get hasRoom(): boolean {
    return this.queuedBytes <= this.#bounds.highWaterBytes
  }

  /** Sends a message of two parts: bytes, one character each. Nothing is sent once the connection closes. */
  send(type: MessageType, head: string, body: string): void {
    if (this.#client.readyState !== WebSocket.OPEN) return
    if (this.queuedBytes - this.#answerBytes > this.#bounds.maxQueuedBytes) return this.#onOverflow()
    this.#gathered += frameHead(type, head.length + body.length) + head + body
    if (this.#gathered.length > GATHERED_BYTES) this.#write()
    else this.#flushLater()
  }

  /** The answer of a call, after `drained`. */
  sendAnswer(type: MessageType, answer: string): void {
    this.#answerBytes += answer.length
    this.send(type, '', answer)
  }

  /** Resolves when it is this caller's turn to send more, at once where there is room; and when the connection ends. */
  drained(): Promise<void> | undefined {
    if (this.hasRoom || this.#client.readyState !== WebSocket.OPEN) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiters.push(resolve)
    this.#mark()
    return promise
  }

  flush(): void {
    this.#isFlushDue = false
    this.#write()
    this.#wakeNext()
  }

  /** The connection is gone: nobody waits any longer. */
  end(): void {
    this.#gathered = ''
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #flushLater(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    this.#flusher.add(this)
  }

  #write(): void {
    const frames = this.#gathered
    this.#gathered = ''
    if (frames === '' || this.#client.readyState !== WebSocket.OPEN) return
    const wasEmpty = this.#socket.writableLength === 0
    this.#socket.write(frames, 'latin1')
    if (wasEmpty) this.#answerBytes = Math.min(this.#answerBytes, this.#socket.writableLength)
  }

  /** One waiter a turn, so that many replays together queue no more than one. */
  #wakeNext(): void {
    if (this.#waiters.length === 0) return
    if (!this.hasRoom) return this.#mark()
    this.#waiters.shift()?.()
    if (this.#waiters.length > 0) this.#flushLater()
  }

  /** Comes back when the kernel has taken all that is queued by now: that is when an empty write is done. */
  #mark(): void {
    if (this.#isMarked) return
    this.#isMarked = true
    this.#write()
    this.#socket.write('', 'latin1', () => {
      this.#isMarked = false
      this.#flushLater()
    })
  }
}
