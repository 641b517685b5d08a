import {
  applyRoomEvent,
  type ChatClient,
  type Message,
  parsePosition,
  type RoomEvent,
  RoomGapError,
  type RoomState,
} from '../../shared/index.ts'
import { type ChatFailure, isRetryable, toChatFailure } from '../store/chat-failure.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'
import { editing, type NewMentions, removing } from './message-changes.ts'
import { isOfTimeline, MessagePager, type PagePhase, timelinePages } from './message-pager.ts'
import { bounded, followed, joined, type LoadedMessages } from './message-window.ts'
import { PageOverlay } from './page-overlay.ts'
import { type MessageChange, PendingChanges } from './pending-changes.ts'

/**
 * Why a room can't be shown: `left` after the membership ended, `missing` if it does not exist or is out of the viewer's reach.
 */
export type GoneCause = 'left' | 'missing' | 'deleted'

/** A room that is loaded. */
export interface OpenRoom {
  phase: 'open'
  /** False while it is shown from memory, as the viewer left it, and the server has not answered yet. */
  isCurrent: boolean
  /** Room, members and loaded messages, exactly as in the room's log. */
  state: RoomState
  /** The loaded messages with pending changes applied, oldest first. */
  messages: readonly Message[]
  /** Whether there is more before the first of them. */
  older: PagePhase
  /** Whether there is more after the last of them. Usually `none`: new messages are added as they arrive. */
  newer: PagePhase
}

/**
 * loading -> open or failed; `load` tries again from failed. Any phase -> gone, until the last listener leaves. A room that was
 * open before is open at once, in its last state, until the server has answered.
 */
export type RoomView =
  | { phase: 'loading' }
  | { phase: 'failed'; failure: ChatFailure }
  | { phase: 'gone'; cause: GoneCause }
  | OpenRoom

export interface RoomStoreOptions {
  /** Messages of a snapshot and of a page. Default: 50. */
  pageSize?: number
  /** The most loaded messages. Those furthest from the viewer's paging are dropped and can be paged again. Default: 600. */
  maxMessages?: number
  /** Called with each event, after it is folded. */
  onEvent?: (event: RoomEvent) => void
  /** Called with each snapshot, after it is shown. Events between it and the last event were never delivered. */
  onSnapshot?: () => void
  /** Called with each new state, after it is shown. */
  onState?: (state: RoomState) => void
}

const RELOAD_PAUSE_MS = 2_000
const LOADING: RoomView = { phase: 'loading' }

/**
 * One room, live while `view` has a listener: a snapshot, the stream from its position on, and a window of messages that can
 * move through the room's history. After a gap or a reset, which the stream can't continue from, the store takes a new snapshot.
 */
export class RoomStore {
  readonly roomId: string
  readonly view: Store<RoomView>
  readonly #client: ChatClient
  readonly #pageSize: number
  readonly #maxMessages: number
  readonly #onEvent: (event: RoomEvent) => void
  readonly #onSnapshot: () => void
  readonly #onState: (state: RoomState) => void
  readonly #older: MessagePager
  readonly #newer: MessagePager
  readonly #pending = new PendingChanges(() => this.#show((loaded) => loaded))
  #loaded: LoadedMessages | undefined
  /** The state when the last listener left. The next listener sees it until the server has answered. */
  #kept: LoadedMessages | undefined
  /** The shown state is the server's answer, or followed from it. */
  #isCurrent = false
  #loading: Promise<void> = Promise.resolve()
  #jump: PageOverlay | undefined
  #stopStream: () => void = () => undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Each load has a number. Answers to an earlier load are dropped. */
  #load = 0

  constructor(client: ChatClient, roomId: string, options: RoomStoreOptions = {}) {
    const { pageSize = 50, maxMessages = 600, onEvent = () => undefined } = options
    const { onSnapshot = () => undefined, onState = () => undefined } = options
    this.roomId = roomId
    this.#client = client
    this.#pageSize = pageSize
    this.#maxMessages = Math.max(maxMessages, 2 * pageSize)
    this.#onEvent = onEvent
    this.#onSnapshot = onSnapshot
    this.#onState = onState
    this.#older = new MessagePager(timelinePages(client, roomId, { direction: 'older', limit: pageSize }))
    this.#newer = new MessagePager(timelinePages(client, roomId, { direction: 'newer', limit: pageSize }))
    this.view = new Store<RoomView>(LOADING, () => {
      const unwatch = client.connection.subscribe(() => this.#showKept())
      void this.load()
      this.#showKept()
      return () => {
        unwatch()
        this.#kept = this.#loaded ?? this.#kept
        this.#stop()
        this.view.set(LOADING)
      }
    })
  }

  get isInUse(): boolean {
    return this.view.isInUse
  }

  /**
   * Takes a snapshot of the newest messages and follows the room from there. The shown state stays until the snapshot arrives.
   * Does nothing without a listener, because nothing would end the stream.
   */
  async load(): Promise<void> {
    if (!this.isInUse) return
    this.#loading = this.#takeSnapshot()
    await this.#loading
  }

  async #takeSnapshot(): Promise<void> {
    const load = ++this.#load
    this.#stopStream()
    clearTimeout(this.#timer)
    if (this.view.get().phase !== 'open') this.view.set(LOADING)
    try {
      const state = await this.#client.room.snapshot.query({ roomId: this.roomId, messages: this.#pageSize })
      if (load !== this.#load) return
      this.#older.reset(state.messagesFromSeq > 0)
      this.#newer.reset(false)
      this.#jump = undefined
      this.#loaded = { state, isAtEnd: true }
      this.#isCurrent = true
      this.#kept = undefined
      this.#show((loaded) => loaded)
      this.#onSnapshot()
      this.#follow()
    } catch (error) {
      if (load === this.#load) this.#fail(toChatFailure(error))
    }
  }

  /** While the server can be reached, a kept window that lies further back is not shown. */
  #showKept() {
    if (!this.#kept || this.view.get().phase !== 'loading') return
    const { state, isAtEnd } = this.#kept
    if (!isAtEnd && this.#client.connection.state.status === 'open') return
    this.#loaded = this.#kept
    this.#older.reset(state.messagesFromSeq > 0)
    this.#newer.reset(!isAtEnd)
    this.#show((loaded) => loaded)
  }

  /** Loads a page before the first message. Does nothing if there is no page, or while one is loading. */
  async loadOlder(): Promise<void> {
    await this.#page(this.#older, this.#loaded?.state.messages[0], (loaded, { messages, hasMore }) =>
      joined(loaded, messages, { older: true, hasMore }),
    )
  }

  /** Loads a page after the last message, unless that is the newest. */
  async loadNewer(): Promise<void> {
    await this.#page(this.#newer, this.#loaded?.state.messages.at(-1), (loaded, { messages, hasMore }) =>
      joined(loaded, messages, { older: false, hasMore }),
    )
  }

  /**
   * Moves the window to a message and its neighbours. `load` leads back to the newest.
   *
   * @throws what `message.around` throws: NOT_FOUND, or no answer.
   */
  async jumpTo(messageId: string): Promise<void> {
    // A pending answer would lead back to the newest messages.
    if (!this.#isCurrent) {
      await this.#loading
      if (this.#loaded?.state.messages.some(({ id }) => id === messageId)) return
    }
    const overlay = new PageOverlay(isOfTimeline)
    this.#jump = overlay
    const { items, olderCursor, newerCursor } = await this.#around(messageId, overlay)
    if (this.#jump !== overlay) return
    this.#jump = undefined
    if (overlay.isOverfull) return this.load()
    const messages = overlay.over(items.filter(isOfTimeline))
    if (!newerCursor) messages.push(...overlay.after(messages.at(-1)?.seq ?? 0))
    this.#older.reset(olderCursor !== null, olderCursor ?? undefined)
    this.#newer.reset(newerCursor !== null, newerCursor ?? undefined)
    this.#show(({ state }) => ({
      state: { ...state, messages, messagesFromSeq: olderCursor ? (messages[0]?.seq ?? 0) : 0 },
      isAtEnd: !newerCursor,
    }))
  }

  async #around(messageId: string, overlay: PageOverlay) {
    try {
      return await this.#client.message.around.query({ roomId: this.roomId, messageId, limit: this.#pageSize })
    } catch (error) {
      if (this.#jump === overlay) this.#jump = undefined
      throw error
    }
  }

  /** Shows a change of a message at once and sends it. If it fails, the call rejects and the change disappears. */
  change(change: MessageChange): Promise<Message> {
    return this.#pending.run(change)
  }

  /** Edits a message. The change shows at once. */
  edit(messageId: string, content: string, mentions?: NewMentions): Promise<Message> {
    return this.change(editing(this.#client, { roomId: this.roomId, messageId }, content, mentions))
  }

  /** Deletes a message. The change shows at once. */
  remove(messageId: string): Promise<Message> {
    return this.change(removing(this.#client, { roomId: this.roomId, messageId }))
  }

  async #page(
    pager: MessagePager,
    edge: Message | undefined,
    join: (loaded: LoadedMessages, page: { messages: Message[]; hasMore: boolean }) => LoadedMessages,
  ) {
    if (!edge) return
    const page = await pager.load(edge, () => this.#show((loaded) => loaded))
    this.#show((loaded) => {
      if (!page) return loaded
      const [isOlder, max] = [pager === this.#older, this.#maxMessages]
      const { kept, lost } = bounded(join(loaded, page), { max, keep: max, drop: isOlder ? 'newest' : 'oldest' })
      if (lost) (isOlder ? this.#newer : this.#older).reset(true)
      return kept
    })
  }

  #follow() {
    this.#stopStream = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.room.onEvent.subscribe(
          { roomId: this.roomId, lastEventId: this.#loaded?.state.position },
          { onData: ({ data }) => this.#take(data), onError, onComplete },
        ),
      (failure) => this.#fail(failure),
    )
  }

  #take(event: RoomEvent) {
    try {
      for (const noting of [this.#older, this.#newer, this.#jump]) noting?.note(event)
      this.#show((loaded) => {
        const max = this.#maxMessages
        const next = followed(loaded, applyRoomEvent(loaded.state, event))
        const { kept, lost } = bounded(next, { max, keep: max - this.#pageSize, drop: 'oldest' })
        if (lost) this.#older.reset(true)
        return kept
      })
    } catch (error) {
      if (!(error instanceof RoomGapError)) throw error
      return void this.load()
    }
    this.#onEvent(event)
    if (event.type === 'room.deleted') return this.#end('deleted')
    // The part of the history with the window has been cut off.
    if (this.#loaded && !this.#loaded.isAtEnd && this.#loaded.state.messages.length === 0) void this.load()
  }

  #fail(failure: ChatFailure) {
    if (failure.reason === 'NOT_A_MEMBER') return this.#end('left')
    if (failure.reason === 'NOT_FOUND') return this.#end('missing')
    if (this.view.get().phase === 'open' && isRetryable(failure)) {
      this.#timer = setTimeout(() => void this.load(), RELOAD_PAUSE_MS)
    } else {
      this.#kept = undefined
      this.#stop()
      this.view.set({ phase: 'failed', failure })
    }
  }

  #end(cause: GoneCause) {
    this.#kept = undefined
    this.#stop()
    this.view.set({ phase: 'gone', cause })
  }

  #stop() {
    this.#load++
    this.#stopStream()
    clearTimeout(this.#timer)
    this.#loaded = undefined
    this.#isCurrent = false
    this.#jump = undefined
    this.#older.reset(false)
    this.#newer.reset(false)
    this.#pending.clear()
  }

  #show(update: (loaded: LoadedMessages) => LoadedMessages) {
    if (!this.#loaded) return
    this.#loaded = update(this.#loaded)
    const { state } = this.#loaded
    this.#pending.settle(parsePosition(state.position)?.seq ?? 0)
    const messages = this.#pending.over(state.messages)
    const [older, newer] = [this.#older.phase, this.#newer.phase]
    const shown = this.view.get()
    const isSame =
      shown.phase === 'open' &&
      shown.isCurrent === this.#isCurrent &&
      shown.state === state &&
      shown.messages === messages &&
      shown.older === older &&
      shown.newer === newer
    if (isSame) return
    this.view.set({ phase: 'open', isCurrent: this.#isCurrent, state, messages, older, newer })
    this.#onState(state)
  }
}
