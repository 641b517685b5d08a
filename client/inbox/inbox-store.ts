import {
  applyInboxEvent,
  type ChatClient,
  EMPTY_INBOX,
  type Inbox,
  type InboxEvent,
  type InboxRoom,
  type MyRoom,
} from '../../shared/index.ts'
import { type ChatFailure, toChatFailure } from '../store/chat-failure.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'
import { applyToEntries, byActivity, mergeEntries, type RoomEntry, toEntry } from './room-entry.ts'

export interface InboxView {
  phase: 'loading' | 'ready' | 'failed'
  /** The reason, in phase `failed`. Rooms that were loaded before are kept. */
  failure: ChatFailure | null
  /** The viewer's rooms that are loaded, latest activity first. */
  entries: readonly RoomEntry[]
  /** Null once all rooms are loaded. */
  nextCursor: string | null
  /** Unread counts of all rooms, loaded or not. */
  inbox: Inbox
}

const PAGE = 50

/**
 * The viewer's rooms and their unread counts, live while `view` has a listener. When the inbox stream starts over with a
 * snapshot, events may have been missed. The store then fetches the list again, as far as it was loaded.
 */
export class InboxStore {
  readonly view: Store<InboxView>
  readonly #client: ChatClient
  readonly #viewerId: string
  readonly #onEvent: (event: InboxEvent) => void
  /** Room changes since a page was requested. The page's answer must neither restore nor drop those rooms. */
  readonly #meanwhile = new Map<string, 'added' | 'removed'>()
  /** Each fetch of the whole list has a number. Only the latest fetch may change the list. */
  #fetch = 0
  #isPaging = false

  /** @param onEvent called with each event, after it is folded. */
  constructor(client: ChatClient, viewerId: string, onEvent: (event: InboxEvent) => void = () => undefined) {
    this.#client = client
    this.#viewerId = viewerId
    this.#onEvent = onEvent
    const nothing: InboxView = { phase: 'loading', failure: null, entries: [], nextCursor: null, inbox: EMPTY_INBOX }
    this.view = new Store(nothing, () => this.#follow())
  }

  #follow(): () => void {
    const unsubscribe = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.inbox.onEvent.subscribe(undefined, {
          onData: (event) => this.#take(event),
          onError,
          onComplete,
        }),
      (failure) => this.#set({ phase: 'failed', failure }),
    )
    return () => {
      unsubscribe()
      this.#fetch++
    }
  }

  entryOf(roomId: string): RoomEntry | undefined {
    return this.view.get().entries.find(({ room }) => room.id === roomId)
  }

  countsOf(roomId: string): InboxRoom | undefined {
    return this.view.get().inbox.rooms.find((room) => room.roomId === roomId)
  }

  /** Adds a room that a call has just returned, before the inbox reports it. */
  add(room: MyRoom): void {
    if (!this.entryOf(room.id)) this.#take({ type: 'room.added', room })
  }

  /** Fetches the list again. */
  async refresh(): Promise<void> {
    const fetch = ++this.#fetch
    this.#meanwhile.clear()
    const wanted = Math.max(PAGE, this.view.get().entries.length)
    try {
      const rooms: MyRoom[] = []
      let cursor: string | null = null
      do {
        const page = await this.#page(cursor)
        if (fetch !== this.#fetch) return
        rooms.push(...page.items)
        cursor = page.nextCursor
      } while (cursor && rooms.length < wanted)
      const known = this.view.get().entries
      const fetched = new Set(rooms.map(({ id }) => id))
      const added = known.filter(({ room }) => !fetched.has(room.id) && this.#meanwhile.get(room.id) === 'added')
      const staying = rooms.filter(({ id }) => this.#meanwhile.get(id) !== 'removed')
      const entries = byActivity([...added, ...mergeEntries(known, staying)])
      this.#set({ phase: 'ready', failure: null, entries, nextCursor: cursor })
    } catch (error) {
      if (fetch !== this.#fetch) return
      this.#set({ phase: 'failed', failure: toChatFailure(error) })
    }
  }

  /** Loads the next page of older rooms. Does nothing while a page is loading. */
  async loadMore(): Promise<void> {
    const { nextCursor } = this.view.get()
    if (!nextCursor || this.#isPaging) return
    this.#isPaging = true
    const fetch = this.#fetch
    try {
      const page = await this.#page(nextCursor)
      if (fetch !== this.#fetch) return
      const { entries } = this.view.get()
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
    this.view.update((state) => ({
      ...state,
      inbox: applyInboxEvent(state.inbox, event, this.#viewerId),
      entries: applyToEntries(state.entries, event),
    }))
    if (event.type === 'inbox.snapshot') void this.refresh()
    if (event.type === 'room.removed') this.#meanwhile.set(event.roomId, 'removed')
    if (event.type === 'room.added') this.#meanwhile.set(event.room.id, 'added')
    if (event.type === 'message' && !this.entryOf(event.roomId)) void this.#fetchRoom(event.roomId)
    this.#onEvent(event)
  }

  /** A room beyond the loaded ones that a new message brings to the top. */
  async #fetchRoom(roomId: string) {
    const room = await this.#client.room.get.query({ roomId }).catch(() => undefined)
    if (!room || this.#meanwhile.get(roomId) === 'removed' || this.entryOf(roomId)) return
    this.view.update((state) => ({ ...state, entries: byActivity([...state.entries, toEntry(room)]) }))
  }

  #set(fields: Partial<InboxView>) {
    this.view.update((state) => ({ ...state, ...fields }))
  }
}
