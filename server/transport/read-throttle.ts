import type { WebSocket } from 'ws'

import { type Rate, TokenBucket } from './token-bucket.ts'

/** Bytes of a frame that one token pays for. */
const TOKEN_BYTES = 16 << 10

/** The longest pause, however much came at once: while a connection is not read, its close goes unnoticed. */
const MAX_PAUSE_MS = 5_000

/**
 * Decides when the socket of one connection is read. It is paused until frames and calls above their rates are paid for, and
 * while too much of what was received waits to be dispatched.
 */
export class ReadThrottle {
  readonly #client: WebSocket
  #frames: TokenBucket | undefined
  #calls: TokenBucket | undefined
  /** Set until the frames and calls that were received are paid for. */
  #pause: ReturnType<typeof setTimeout> | undefined
  #pausedUntil = 0
  #isHeldBack = false

  constructor(client: WebSocket, frameRate: Rate | undefined) {
    this.#client = client
    if (frameRate) this.#frames = new TokenBucket(frameRate)
  }

  /** Counts frames by another rate from now on. */
  setFrameRate(rate: Rate): void {
    this.#frames = new TokenBucket(rate)
  }

  /** Counts calls against a bucket, which the user's other connections share. */
  shareCalls(bucket: TokenBucket): void {
    this.#calls = bucket
  }

  countFrame(bytes: number): void {
    if (this.#frames) this.#waitFor(this.#frames.take(1 + Math.floor(bytes / TOKEN_BYTES)))
  }

  countCalls(calls: number): void {
    if (this.#calls) this.#waitFor(this.#calls.take(calls))
  }

  /** Holds the connection back while too much is waiting. */
  holdBack(isFull: boolean): void {
    if (isFull === this.#isHeldBack) return
    this.#isHeldBack = isFull
    this.#pauseOrResume()
  }

  stop(): void {
    clearTimeout(this.#pause)
  }

  /** Pauses for a time; of two pauses the later end counts. */
  #waitFor(owedMs: number): void {
    const waitMs = Math.min(owedMs, MAX_PAUSE_MS)
    const pausedUntil = performance.now() + waitMs
    if (waitMs === 0 || pausedUntil < this.#pausedUntil) return
    this.#pausedUntil = pausedUntil
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#pauseOrResume()
    }, waitMs)
    this.#pauseOrResume()
  }

  #pauseOrResume(): void {
    const isPaused = this.#isHeldBack || this.#pause !== undefined
    if (isPaused === this.#client.isPaused) return
    if (isPaused) this.#client.pause()
    else this.#client.resume()
  }
}
