import {
  applyInboxEvent,
  type ChatClient,
  EMPTY_INBOX,
  type Inbox,
  type InboxEvent,
  type InboxRoom,
  type MyRoom,
} from '../../../shared/index.ts'
import type { PresenceMap } from '../people/presence-map.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'
import { errorSentence } from '../ui/error-sentence.ts'
import { applyToEntries, byActivity, mergeEntries, type RoomEntry, toEntry } from './room-entry.ts'

export interface RoomListState {
  phase: 'loading' | 'ready' | 'failed'
  /** With `failed`: why. */
  sentence: string
  entries: readonly RoomEntry[]
  nextCursor: string | null
  inbox: Inbox
}

const PAGE = 50

/**
 * The rooms of the viewer, latest activity first. The inbox stream keeps them live; whenever it starts over with a snapshot, what
 * lay between is unknown, and the list is fetched again as far as it was loaded.
 */
export class RoomList {
  readonly state: Store<RoomListState>
  readonly #client: ChatClient
  readonly #viewerId: string
  readonly #presence: PresenceMap
  /** What happened to rooms since a page was asked for: its answer must neither bring back nor drop them. */
  readonly #meanwhile = new Map<string, 'added' | 'removed'>()
  #stop: () => void = () => undefined
  /** Each fetch of the whole list has a number; only the latest may answer. */
  #fetch = 0
  #isPaging = false

  constructor(client: ChatClient, viewerId: string, presence: PresenceMap) {
    this.#client = client
    this.#viewerId = viewerId
    this.#presence = presence
    this.state = new Store<RoomListState>({
      phase: 'loading',
      sentence: '',
      entries: [],
      nextCursor: null,
      inbox: EMPTY_INBOX,
    })
  }

  start() {
    this.#stop = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.inbox.onEvent.subscribe(undefined, {
          onData: (event) => this.#take(event),
          onError,
          onComplete,
        }),
      (error) => this.#set({ phase: 'failed', sentence: errorSentence(error) }),
    )
  }

  stop() {
    this.#stop()
    this.#fetch++
  }

  entryOf(roomId: string): RoomEntry | undefined {
    return this.state.get().entries.find(({ room }) => room.id === roomId)
  }

  countsOf(roomId: string): InboxRoom | undefined {
    return this.state.get().inbox.rooms.find((room) => room.roomId === roomId)
  }

  /** Takes in a room that a call has just returned, before the inbox tells of it. */
  add(room: MyRoom) {
    if (!this.entryOf(room.id)) this.#take({ type: 'room.added', room })
  }

  async refresh() {
    const fetch = ++this.#fetch
    this.#meanwhile.clear()
    const wanted = Math.max(PAGE, this.state.get().entries.length)
    try {
      const rooms: MyRoom[] = []
      let cursor: string | null = null
      do {
        const page = await this.#page(cursor)
        if (fetch !== this.#fetch) return
        rooms.push(...page.items)
        cursor = page.nextCursor
      } while (cursor && rooms.length < wanted)
      const known = this.state.get().entries
      const fetched = new Set(rooms.map(({ id }) => id))
      const added = known.filter(({ room }) => !fetched.has(room.id) && this.#meanwhile.get(room.id) === 'added')
      const staying = rooms.filter(({ id }) => this.#meanwhile.get(id) !== 'removed')
      const entries = byActivity([...added, ...mergeEntries(known, staying)])
      this.#set({ phase: 'ready', entries, nextCursor: cursor })
    } catch (error) {
      if (fetch !== this.#fetch) return
      this.#set({ phase: 'failed', sentence: errorSentence(error) })
    }
  }

  /** The next page of older rooms; nothing while one is on its way. */
  async loadMore() {
    const { nextCursor } = this.state.get()
    if (!nextCursor || this.#isPaging) return
    this.#isPaging = true
    const fetch = this.#fetch
    try {
      const page = await this.#page(nextCursor)
      if (fetch !== this.#fetch) return
      const { entries } = this.state.get()
      const known = new Set(entries.map(({ room }) => room.id))
      const older = page.items.filter(({ id }) => !known.has(id) && this.#meanwhile.get(id) !== 'removed')
      this.#set({ entries: byActivity([...entries, ...older.map(toEntry)]), nextCursor: page.nextCursor })
    } finally {
      this.#isPaging = false
    }
  }

  #page(cursor: string | null) {
    return this.#client.room.list.query({ limit: PAGE, ...(cursor ? { cursor } : {}) })
  }

  #take(event: InboxEvent) {
    this.state.update((state) => ({
      ...state,
      inbox: applyInboxEvent(state.inbox, event, this.#viewerId),
      entries: applyToEntries(state.entries, event),
    }))
    if (event.type === 'inbox.snapshot') void this.refresh()
    if (event.type === 'room.removed') this.#meanwhile.set(event.roomId, 'removed')
    if (event.type === 'room.added') this.#meanwhile.set(event.room.id, 'added')
    if (event.type === 'message' && !this.entryOf(event.roomId)) void this.#fetchRoom(event.roomId)
    this.#watchPeers()
  }

  /** A room further down than what is loaded, which a message brings to the top. */
  async #fetchRoom(roomId: string) {
    const room = await this.#client.room.get.query({ roomId }).catch(() => undefined)
    if (!room || this.#meanwhile.get(roomId) === 'removed' || this.entryOf(roomId)) return
    this.state.update((state) => ({ ...state, entries: byActivity([...state.entries, toEntry(room)]) }))
    this.#watchPeers()
  }

  #set(fields: Partial<RoomListState>) {
    this.state.update((state) => ({ ...state, ...fields }))
    this.#watchPeers()
  }

  #watchPeers() {
    this.#presence.watchPeers(this.state.get().entries.flatMap(({ room }) => room.peer?.id ?? []))
  }
}
