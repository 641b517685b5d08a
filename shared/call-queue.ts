import { setLongTimeout } from './long-timeout.ts'

/** An entry with a turn in the order of all calls. */
export interface Turn {
  readonly turn: number
}

/** How many empty places are kept before the array is compacted. */
const MAX_LEFT = 1_024

/**
 * Calls of one procedure in the order of their turns. The caller bounds its length: each entry is a promise that the caller
 * holds.
 */
export class CallQueue<T extends Turn> {
  #calls: T[] = []
  #head = 0
  /** Set while nothing may leave. */
  #endHold: (() => void) | undefined
  #heldUntil = 0

  get first(): T | undefined {
    return this.#calls[this.#head]
  }

  get isHeld(): boolean {
    return this.#endHold !== undefined
  }

  /** Inserts the call at its turn: at the end, unless it is sent again. */
  add(call: T): void {
    const last = this.#calls.at(-1)
    if (!last || last.turn < call.turn || !this.first) {
      this.#calls.push(call)
      return
    }
    let place = this.#head
    while ((this.#calls[place]?.turn ?? Infinity) < call.turn) place++
    this.#calls.splice(place, 0, call)
  }

  shift(): T | undefined {
    const call = this.first
    if (call) this.#head++
    if (this.#head > MAX_LEFT && this.#head * 2 > this.#calls.length) {
      this.#calls = this.#calls.slice(this.#head)
      this.#head = 0
    }
    return call
  }

  remove(call: T): void {
    if (call === this.first) {
      this.shift()
      return
    }
    const place = this.#calls.indexOf(call, this.#head)
    if (place >= 0) this.#calls.splice(place, 1)
  }

  /** Lets nothing leave for `ms`, or for the rest of a longer hold, then calls `onFree`. */
  holdFor(ms: number, onFree: () => void): void {
    const until = performance.now() + ms
    if (this.isHeld && until <= this.#heldUntil) return
    this.#endHold?.()
    this.#heldUntil = until
    this.#endHold = setLongTimeout(() => {
      this.#endHold = undefined
      onFree()
    }, ms)
  }

  release(): void {
    this.#endHold?.()
    this.#endHold = undefined
  }
}
