import type { ChatClient, UserSummary } from '../../shared/index.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'

/** Entries expire on the server after six seconds; without word from it for a little longer, nobody is shown. */
const STALE_MS = 8_000
/** At most one start in this time. */
const START_EVERY_MS = 2_000
/** Whoever types is told of again after this time, well before the entry expires. */
const REPEAT_MS = 3_000
/** Without a keystroke for so long nobody types. */
const PAUSE_MS = 4_000

/** Who types in a room: others, to show; and the viewer, to tell. */
export class TypingStore {
  /** Who else types now; live while somebody listens. */
  readonly users: Store<readonly UserSummary[]>
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #viewerId: string
  #stale: ReturnType<typeof setTimeout> | undefined
  /** The room believes that the viewer types. */
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

  /** For every keystroke. Tells the room at the start and every few seconds, never more often than the server takes. */
  onInput(): void {
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => this.onStop(), PAUSE_MS)
    const sinceStart = Date.now() - this.#startedAt
    if (this.#start || sinceStart < (this.#isTold ? REPEAT_MS : 0)) return
    if (sinceStart >= START_EVERY_MS) this.#tellStart()
    else this.#start = setTimeout(() => this.#tellStart(), START_EVERY_MS - sinceStart)
  }

  /** When the message is sent, the field is left or emptied. */
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

  /** While the connection is away there is nobody to tell, and nothing to make up for later. */
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
