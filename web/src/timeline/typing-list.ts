import type { ChatClient, UserSummary } from '../../../shared/index.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'

/** Entries expire on the server after six seconds; without word from it for a little longer, nobody is shown. */
const STALE_MS = 8_000

/** Who else types in a room now. */
export class TypingList {
  readonly users = new Store<readonly UserSummary[]>([])
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #viewerId: string
  #stop: () => void = () => undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(client: ChatClient, roomId: string, viewerId: string) {
    this.#client = client
    this.#roomId = roomId
    this.#viewerId = viewerId
  }

  start() {
    this.#stop = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.typing.onChange.subscribe(
          { roomId: this.#roomId },
          { onData: ({ users }) => this.#take(users), onError, onComplete },
        ),
      () => this.#take([]),
    )
  }

  stop() {
    this.#stop()
    clearTimeout(this.#timer)
  }

  #take(users: readonly UserSummary[]) {
    clearTimeout(this.#timer)
    const others = users.filter(({ id }) => id !== this.#viewerId)
    this.users.set(others)
    if (others.length > 0) this.#timer = setTimeout(() => this.users.set([]), STALE_MS)
  }
}
