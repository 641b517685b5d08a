import type { ChatClient } from '../../shared/index.ts'
import { Store } from '../store/observable-store.ts'
import type { InboxStore } from './inbox-store.ts'

const GATHER_MS = 250

/**
 * One visit of a room. It moves the viewer's read marker forward to what has been on the screen, a few times a second at most.
 *
 * reading -> held, when messages are marked as unread, on any device. Nothing on the screen is read while held. held -> reading,
 * when the marker moves forward (by a message of the viewer's own, by "Mark as read" or by a visit on another device), by
 * `resume`, or with the next visit. Each read sends how many marks the visit knows of. A read that is in flight when a mark is
 * made therefore changes nothing.
 */
export class ReadMarker {
  readonly isHeld = new Store(false)
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #inbox: Pick<InboxStore, 'view' | 'countsOf'>
  #wanted = 0
  #told = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The marks that this visit knows of; undefined until the inbox has reported them. */
  #unreadMarks: number | undefined
  /** In `held`: the marks, and the marker's position after the latest of them. */
  #held: { unreadMarks: number; readSeq: number } | undefined
  #unwatch: (() => void) | undefined

  constructor(client: ChatClient, roomId: string, inbox: Pick<InboxStore, 'view' | 'countsOf'>) {
    this.#client = client
    this.#roomId = roomId
    this.#inbox = inbox
  }

  /** Begins the visit. */
  start(): void {
    this.#unwatch ??= this.#inbox.view.subscribe(() => this.#look())
    this.resume()
  }

  /** Records that the message at `seq` and all before it have been seen. */
  seen(seq: number): void {
    this.#look()
    if (this.#held || seq <= this.#wanted) return
    this.#wanted = seq
    this.#timer ??= setTimeout(() => void this.#tell(), GATHER_MS)
  }

  /** Reads on: what is seen from now on counts as read, even after a mark as unread. */
  resume(): void {
    this.#unreadMarks = this.#inbox.countsOf(this.#roomId)?.unreadMarks
    this.#hold(undefined)
    this.#wanted = 0
    this.#told = 0
  }

  /** Ends the visit and sends at once what was about to be sent. */
  stop(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#wanted > this.#told) void this.#tell()
  }

  #hold(held: { unreadMarks: number; readSeq: number } | undefined) {
    this.#held = held
    this.isHeld.set(held !== undefined)
  }

  #look() {
    const counts = this.#inbox.countsOf(this.#roomId)
    if (!counts) return
    const { unreadMarks, readSeq } = counts
    this.#unreadMarks ??= unreadMarks
    if (unreadMarks > (this.#held?.unreadMarks ?? this.#unreadMarks)) {
      this.#hold({ unreadMarks, readSeq })
      this.#wanted = this.#told
    } else if (this.#held && readSeq > this.#held.readSeq) this.resume()
  }

  async #tell() {
    this.#timer = undefined
    const seq = this.#wanted
    const unreadMarks = this.#unreadMarks
    if (seq <= this.#told) return
    try {
      if ((this.#inbox.countsOf(this.#roomId)?.readSeq ?? 0) < seq) {
        await this.#client.receipt.read.mutate({
          roomId: this.#roomId,
          seq,
          ...(unreadMarks === undefined ? {} : { unreadMarks }),
        })
      }
      this.#told = Math.max(this.#told, seq)
    } catch {
      // The next message that is seen, or the next opening of the room, sends it again.
      this.#wanted = this.#told
    }
  }
}
