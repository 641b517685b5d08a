import { type ChatClient, LIMITS, type Presence } from '../../../shared/index.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'

/** Who is there, as far as anything on the page asks: the open room's members and the other side of direct conversations. */
export class PresenceMap {
  readonly known = new Store<ReadonlyMap<string, Presence>>(new Map())
  readonly #client: ChatClient
  #peers: readonly string[] = []
  #stopPeers: () => void = () => undefined

  constructor(client: ChatClient) {
    this.#client = client
  }

  /** Follows a room's members until the returned function is called. A large room refuses; its members then show no state. */
  watchRoom(roomId: string): () => void {
    return keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.presence.onChange.subscribe(
          { roomId },
          { onData: (list) => this.#take(list), onError, onComplete },
        ),
      () => undefined,
    )
  }

  /** Follows these users instead of the ones named before; the first hundred, which is what one stream carries. */
  watchPeers(userIds: readonly string[]) {
    const wanted = userIds.slice(0, LIMITS.userIds).toSorted()
    if (wanted.length === this.#peers.length && wanted.every((id, index) => id === this.#peers[index])) return
    this.#peers = wanted
    this.#stopPeers()
    this.#stopPeers = () => undefined
    if (wanted.length === 0) return
    this.#stopPeers = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.presence.onChange.subscribe(
          { userIds: [...wanted] },
          { onData: (list) => this.#take(list), onError, onComplete },
        ),
      () => undefined,
    )
  }

  stop() {
    this.#stopPeers()
  }

  #take(list: readonly Presence[]) {
    this.known.update((known) => {
      const next = new Map(known)
      for (const presence of list) next.set(presence.userId, presence)
      return next
    })
  }
}
