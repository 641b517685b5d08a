import type { ChatClient, Member, Message } from '../../shared/index.ts'
import type { PagePhase } from '../room/message-pager.ts'
import { type MessageChange, PendingChanges } from '../room/pending-changes.ts'
import { type ChatFailure, isRetryable, toChatFailure } from '../store/chat-failure.ts'
import type { ChatNews } from '../store/chat-news.ts'
import { Store } from '../store/observable-store.ts'

/** A thread that is loaded. */
export interface OpenThread {
  phase: 'open'
  root: Message
  /** The loaded replies, including tombstones, with pending changes applied. Oldest first. */
  replies: readonly Message[]
  /** Whether there is more before the first of them. */
  older: PagePhase
}

/** loading -> open or failed; `load` tries again from failed. */
export type ThreadView = { phase: 'loading' } | { phase: 'failed'; failure: ChatFailure } | OpenThread

interface LoadedThread {
  root: Message
  replies: readonly Message[]
  cursor: string | null
  isPaging: boolean
  hasFailed: boolean
}

const PAGE = 50
/** A thread with more replies than this is fetched again from its newest page. */
const MAX_REPLIES = 2_000
const RELOAD_PAUSE_MS = 2_000
const LOADING: ThreadView = { phase: 'loading' }

/**
 * One thread, live while `view` has a listener and its room is live too: replies come from the room's own log. When the room
 * takes a new snapshot, the thread is fetched again.
 */
export class ThreadStore {
  readonly view: Store<ThreadView>
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #threadId: string
  readonly #pending = new PendingChanges(() => this.#show())
  /** Events of the log that arrived while a page was loading; at most as many as there are replies in that time. */
  #meanwhile = new Map<string, Message>()
  #loaded: LoadedThread | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Each load has a number. Answers to an earlier load are dropped. */
  #load = 0

  constructor(
    client: ChatClient,
    { roomId, threadId }: { roomId: string; threadId: string },
    onNews: (listener: (news: ChatNews) => void) => () => void,
  ) {
    this.#client = client
    this.#roomId = roomId
    this.#threadId = threadId
    this.view = new Store<ThreadView>(LOADING, () => {
      const unwatch = onNews((news) => this.#take(news))
      void this.load()
      return () => {
        unwatch()
        this.#load++
        clearTimeout(this.#timer)
        this.#loaded = undefined
        this.#pending.clear()
        this.view.set(LOADING)
      }
    })
  }

  get isInUse(): boolean {
    return this.view.isInUse
  }

  /** Fetches the root and the newest replies. The shown state stays until they arrive. */
  async load(): Promise<void> {
    const load = ++this.#load
    clearTimeout(this.#timer)
    this.#meanwhile = new Map()
    if (!this.#loaded) this.view.set(LOADING)
    try {
      const { root, items, nextCursor } = await this.#page()
      if (load !== this.#load) return
      this.#loaded = { root, replies: items.toReversed(), cursor: nextCursor, isPaging: false, hasFailed: false }
      for (const message of this.#meanwhile.values()) this.#fold(message)
      this.#show()
    } catch (error) {
      if (load === this.#load) this.#fail(toChatFailure(error))
    }
  }

  /** Loads a page of earlier replies. Does nothing if there is no page, or while one is loading. */
  async loadOlder(): Promise<void> {
    const load = this.#load
    const before = this.#loaded
    if (!before?.cursor || before.isPaging) return
    this.#loaded = { ...before, isPaging: true }
    this.#meanwhile = new Map()
    this.#show()
    try {
      const { items, nextCursor } = await this.#page(before.cursor)
      if (load !== this.#load || !this.#loaded) return
      const replies = [...items.toReversed(), ...this.#loaded.replies]
      this.#loaded = { ...this.#loaded, replies, cursor: nextCursor, isPaging: false, hasFailed: false }
      for (const message of this.#meanwhile.values()) this.#fold(message)
    } catch {
      if (load === this.#load && this.#loaded) this.#loaded = { ...this.#loaded, isPaging: false, hasFailed: true }
    }
    this.#show()
  }

  /** Shows a change of the root or of a reply at once and sends it. If it fails, the call rejects and the change disappears. */
  change(change: MessageChange): Promise<Message> {
    return this.#pending.run(change)
  }

  #page(cursor?: string) {
    const place = { roomId: this.#roomId, threadId: this.#threadId }
    return this.#client.message.thread.query({
      ...place,
      direction: 'older',
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    })
  }

  #take(news: ChatNews) {
    if (news.of === 'inbox' || news.roomId !== this.#roomId) return
    if (news.of === 'snapshot') return void this.load()
    const { event } = news
    if ('message' in event && (event.message.threadId === this.#threadId || event.message.id === this.#threadId)) {
      this.#meanwhile.set(event.message.id, event.message)
      this.#fold(event.message)
    }
    if ('member' in event) this.#rename(event.member)
    if (event.type !== 'reset') this.#pending.settle(event.seq)
    if ((this.#loaded?.replies.length ?? 0) > MAX_REPLIES) void this.load()
    this.#show()
  }

  #fold(message: Message) {
    if (!this.#loaded) return
    const { root, replies, cursor } = this.#loaded
    const known = message.id === root.id ? root : replies.find(({ id }) => id === message.id)
    if (known && known.changedSeq >= message.changedSeq) return
    if (message.id === root.id) this.#loaded = { ...this.#loaded, root: message }
    else if (known)
      this.#loaded = { ...this.#loaded, replies: replies.map((each) => (each === known ? message : each)) }
    // A reply before the first loaded one belongs to a page that is not loaded yet.
    else if (cursor === null || message.seq > (replies[0]?.seq ?? 0)) {
      const after = replies.findLastIndex(({ seq }) => seq < message.seq) + 1
      this.#loaded = { ...this.#loaded, replies: replies.toSpliced(after, 0, message) }
    }
  }

  #rename({ userId, user }: Member) {
    if (!this.#loaded) return
    const named = (message: Message) => (message.senderId === userId ? { ...message, sender: user } : message)
    const { root, replies } = this.#loaded
    this.#loaded = { ...this.#loaded, root: named(root), replies: replies.map(named) }
  }

  #fail(failure: ChatFailure) {
    if (this.#loaded && isRetryable(failure)) {
      this.#timer = setTimeout(() => void this.load(), RELOAD_PAUSE_MS)
      return
    }
    this.#loaded = undefined
    this.view.set({ phase: 'failed', failure })
  }

  #show() {
    if (!this.#loaded) return
    const { root, replies, cursor, isPaging, hasFailed } = this.#loaded
    const [shownRoot = root, ...shown] = this.#pending.over([root, ...replies])
    const older = isPaging ? 'loading' : hasFailed ? 'failed' : cursor ? 'more' : 'none'
    this.view.set({ phase: 'open', root: shownRoot, replies: shown, older })
  }
}
