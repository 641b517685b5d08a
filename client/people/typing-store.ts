import type { ChatClient, UserSummary } from '../../shared/index.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'

/** Entries expire on the server after six seconds. If nothing arrives for a little longer, nobody is shown as typing. */
const STALE_MS = 8_000
/** At most one start is sent in this time. */
const START_EVERY_MS = 2_000
/** A user who keeps typing is reported again after this time, well before the entry expires. */
const REPEAT_MS = 3_000
/** Without a keystroke for this long, the viewer has stopped typing. */
const PAUSE_MS = 4_000

/** Typing in a room: shows who else types, and reports that the viewer types. */
export class TypingStore {
  /** The other users who type now; live while it has a listener. */
  readonly users: Store<readonly UserSummary[]>
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #viewerId: string
  #stale: ReturnType<typeof setTimeout> | undefined
  /** The room has been told that the viewer types. */
  #isTold = false
  #startedAt = Number.NEGATIVE_INFINITY
  #start: ReturnType<typeof setTimeout> | undefined
  #pause: ReturnType<typeof setTimeout> | undefined

  constructor(client: ChatClient, roomId: string, viewerId: string) {
    this.#client = client
    this.#roomId = roomId
    this.#viewerId = viewerId
    this.users = new Store<readonly UserSummary[]>([], () => this.#follow())
  }

  get isInUse(): boolean {
    return this.users.isInUse
  }

  /** Call it for every keystroke. Tells the room at the start and every few seconds, never more often than the server allows. */
  onInput(): void {
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => this.onStop(), PAUSE_MS)
    const sinceStart = Date.now() - this.#startedAt
    if (this.#start || sinceStart < (this.#isTold ? REPEAT_MS : 0)) return
    if (sinceStart >= START_EVERY_MS) this.#tellStart()
    else this.#start = setTimeout(() => this.#tellStart(), START_EVERY_MS - sinceStart)
  }

  /** Call it when the message is sent, or when the field is left or emptied. */
  onStop(): void {
    clearTimeout(this.#pause)
    clearTimeout(this.#start)
    this.#start = undefined
    if (!this.#isTold) return
    this.#isTold = false
    this.#tell(false)
  }

  #tellStart() {
    this.#start = undefined
    this.#isTold = true
    this.#startedAt = Date.now()
    this.#tell(true)
  }

  /** Typing is not reported while the connection is away, nor later. */
  #tell(isTyping: boolean) {
    const { status } = this.#client.connection.state
    if (status === 'connecting' || status === 'closed') return
    this.#client.typing.set.mutate({ roomId: this.#roomId, isTyping }).catch(() => undefined)
  }

  #follow(): () => void {
    const unsubscribe = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.typing.onChange.subscribe(
          { roomId: this.#roomId },
          { onData: ({ users }) => this.#take(users), onError, onComplete },
        ),
      () => this.#take([]),
    )
    return () => {
      unsubscribe()
      this.#take([])
      this.onStop()
    }
  }

  #take(users: readonly UserSummary[]) {
    clearTimeout(this.#stale)
    const others = users.filter(({ id }) => id !== this.#viewerId)
    if (others.length > 0 || this.users.get().length > 0) this.users.set(others)
    if (others.length > 0) this.#stale = setTimeout(() => this.users.set([]), STALE_MS)
  }
}
