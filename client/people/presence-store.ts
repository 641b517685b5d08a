import { type ChatClient, LIMITS, type Presence } from '../../shared/index.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'
import { StoreShelf } from '../store/store-shelf.ts'

/** Presence by user id. A user who is missing here is unknown, and shown as offline. */
export type PresenceMap = ReadonlyMap<string, Presence>

const NOBODY: PresenceMap = new Map<string, Presence>([])
/** Requests of one moment, such as those of a list being drawn, become one stream. */
const GATHER_MS = 20

/** Presence of whole rooms and of single users. Streams run while they have a listener. */
export class PresenceStore {
  /** Presence of all users that `watch` has named. */
  readonly users: Store<PresenceMap>
  readonly #client: ChatClient
  readonly #rooms: StoreShelf<Store<PresenceMap>>
  /** How often each user is watched, in the order of the requests. */
  readonly #wanted = new Map<string, number>()
  #followed: readonly string[] = []
  #stopUsers: () => void = () => undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(client: ChatClient) {
    this.#client = client
    this.users = new Store(NOBODY, () => () => {
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.#follow()
    })
    this.#rooms = new StoreShelf((roomId) => this.#makeRoom(roomId))
  }

  /** Presence of a room's members. The server refuses it for a large room, whose members then show no presence. */
  room(roomId: string): Store<PresenceMap> {
    return this.#rooms.get(roomId)
  }

  /**
   * Keeps one user's presence in `users`; returns the function that stops. Only the first hundred users are followed, because
   * one stream carries no more.
   */
  watch(userId: string, listener: () => void): () => void {
    this.#wanted.set(userId, (this.#wanted.get(userId) ?? 0) + 1)
    this.#timer ??= setTimeout(() => this.#follow(), GATHER_MS)
    const unsubscribe = this.users.subscribe(listener)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      const count = (this.#wanted.get(userId) ?? 1) - 1
      if (count > 0) this.#wanted.set(userId, count)
      else this.#wanted.delete(userId)
      unsubscribe()
    }
  }

  /** Follows the users that are wanted now. A stream that already covers them continues. */
  #follow() {
    this.#timer = undefined
    const wanted = [...this.#wanted.keys()].filter((id) => id !== '').slice(0, LIMITS.userIds)
    if (wanted.length > 0 && wanted.every((id) => this.#followed.includes(id))) return
    this.#stopUsers()
    this.#stopUsers = () => undefined
    this.#followed = wanted
    const known = [...this.users.get()].filter(([id]) => wanted.includes(id))
    this.users.set(new Map(known))
    if (wanted.length > 0) this.#stopUsers = this.#subscribe({ userIds: wanted }, this.users)
  }

  #makeRoom(roomId: string): Store<PresenceMap> {
    const store: Store<PresenceMap> = new Store(NOBODY, () => {
      const unsubscribe = this.#subscribe({ roomId }, store)
      return () => {
        unsubscribe()
        store.set(NOBODY)
      }
    })
    return store
  }

  #subscribe(whom: { roomId: string } | { userIds: string[] }, store: Store<PresenceMap>): () => void {
    return keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.presence.onChange.subscribe(whom, {
          onData: (list) => store.update((known) => withPresences(known, list)),
          onError,
          onComplete,
        }),
      () => store.set(NOBODY),
    )
  }
}

function withPresences(known: PresenceMap, list: readonly Presence[]): PresenceMap {
  const next = new Map(known)
  for (const presence of list) next.set(presence.userId, presence)
  return next
}
