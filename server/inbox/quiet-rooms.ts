import { jittered } from '../lib/pause.ts'

/** Bound on rooms that one inbox follows live: the most recently active ones. */
export const MAX_FOLLOWED = 1_000
const LOOK_MS = 5_000

interface Known {
  lastSeq: number
  /** The history that `lastSeq` belongs to. The same seq in another history is another change. */
  epoch: string
  isArchived: boolean
}

/**
 * The rooms of an inbox beyond those that it follows, each membership with the latest change known. They are checked every 5 s. A
 * room with activity is sent in a `room.added` and then followed, in exchange for the one that was quiet longest.
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

  /** Schedules a look if there are any rooms. Jitter keeps inboxes that started together from looking together. */
  lookLater(): void {
    clearTimeout(this.#timer)
    if (this.size > 0) this.#timer = setTimeout(this.#onLook, jittered(LOOK_MS, 0.25)).unref()
  }
}
