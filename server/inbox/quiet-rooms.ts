import { jittered } from '../lib/pause.ts'

/** Rooms that one inbox follows live: those where something happened last. */
export const MAX_FOLLOWED = 1_000
const LOOK_MS = 5_000

interface Known {
  lastSeq: number
  /** The history that it belongs to: in another one the same seq is another change. */
  epoch: string
  isArchived: boolean
}

/**
 * The rooms of an inbox beyond those that it follows: for each membership the change up to which it is known. They are looked at
 * every 5 s. One where something has happened is sent in a `room.added`, and followed in place of the one that was quiet for longest.
 */
export class QuietRooms {
  readonly #rooms = new Map<string, Known>()
  readonly #onLook: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(onLook: () => void) {
    this.#onLook = onLook
  }

  get size(): number {
    return this.#rooms.size
  }

  get ids(): string[] {
    return [...this.#rooms.keys()]
  }

  get(roomId: string): Known | undefined {
    return this.#rooms.get(roomId)
  }

  put(roomId: string, { lastSeq, epoch, isArchived }: Known): void {
    this.#rooms.set(roomId, { lastSeq, epoch, isArchived })
  }

  delete(roomId: string): void {
    this.#rooms.delete(roomId)
  }

  clear(): void {
    this.#rooms.clear()
    clearTimeout(this.#timer)
  }

  /** Asks for a look after a time, if there are any; with jitter, so that inboxes that began together don't look together. */
  lookLater(): void {
    clearTimeout(this.#timer)
    if (this.size > 0) this.#timer = setTimeout(this.#onLook, jittered(LOOK_MS, 0.25)).unref()
  }
}
