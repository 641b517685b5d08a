import type { ChatClient, Member, Message } from '../../shared/index.ts'
import { MessagePager, type PagePhase } from '../room/message-pager.ts'
import { PageOverlay } from '../room/page-overlay.ts'
import { type MessageChange, PendingChanges } from '../room/pending-changes.ts'
import { type ChatFailure, isRetryable, toChatFailure } from '../store/chat-failure.ts'
import type { ChatNews } from '../store/chat-news.ts'
import { Store } from '../store/observable-store.ts'

/** A thread that is loaded. */
export interface OpenThread {
  phase: 'open'
  root: Message
  /** The loaded replies, tombstones among them, with the changes that are on their way. Oldest first. */
  replies: readonly Message[]
  /** Whether there is more before the first of them. */
  older: PagePhase
}

/** loading -> open or failed (from where `load` tries again). */
export type ThreadView = { phase: 'loading' } | { phase: 'failed'; failure: ChatFailure } | OpenThread

interface LoadedThread {
  root: Message
  replies: readonly Message[]
}

const PAGE = 50
/** With more replies than these, the thread is fetched again from its newest page. */
const MAX_REPLIES = 2_000
const RELOAD_PAUSE_MS = 2_000
const LOADING: ThreadView = { phase: 'loading' }

/**
 * One thread, live while somebody listens to `view` and its room is live too: replies come with the room's own log. Where the room
 * takes a new snapshot, the thread is fetched again.
 */
export class ThreadStore {
  readonly view: Store<ThreadView>
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #threadId: string
  readonly #pending = new PendingChanges(() => this.#show())
  readonly #older: MessagePager
  /** The changes since the newest page was requested; undefined while none is on its way. */
  #overlay: PageOverlay | undefined
  #loaded: LoadedThread | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Each load has a number; answers to an earlier one are dropped. */
  #load = 0

  constructor(
    client: ChatClient,
    { roomId, threadId }: { roomId: string; threadId: string },
    onNews: (listener: (news: ChatNews) => void) => () => void,
  ) {
    this.#client = client
    this.#roomId = roomId
    this.#threadId = threadId
    this.#older = new MessagePager({
      direction: 'older',
      isOfList: this.#isOfThread,
      fetch: async (cursor) => {
        const { items, nextCursor } = await this.#page(cursor)
        return { items, next: nextCursor }
      },
    })
    this.view = new Store<ThreadView>(LOADING, () => {
      const unwatch = onNews((news) => this.#take(news))
      void this.load()
      return () => {
        unwatch()
        this.#load++
        clearTimeout(this.#timer)
        this.#loaded = undefined
        this.#overlay = undefined
        this.#older.reset(false)
        this.#pending.clear()
        this.view.set(LOADING)
      }
    })
  }

  get isInUse(): boolean {
    return this.view.isInUse
  }

  /** Fetches the root and the newest replies. What is shown stays until they are here. */
  async load(): Promise<void> {
    const load = ++this.#load
    clearTimeout(this.#timer)
    const overlay = new PageOverlay(this.#isOfThread)
    this.#overlay = overlay
    if (!this.#loaded) this.view.set(LOADING)
    try {
      const { root, items, nextCursor } = await this.#page()
      if (load !== this.#load) return
      if (overlay.isOverfull) return await this.load()
      this.#older.reset(nextCursor !== null, nextCursor ?? undefined)
      const replies = overlay.over(items)
      const [latestRoot = root] = overlay.over([root])
      this.#loaded = {
        root: latestRoot,
        replies: [...replies, ...overlay.after(replies.at(-1)?.seq ?? root.seq)],
      }
      this.#show()
    } catch (error) {
      if (load === this.#load) this.#fail(toChatFailure(error))
    } finally {
      if (this.#overlay === overlay) this.#overlay = undefined
    }
  }

  /** Loads a page of earlier replies; nothing where there is none, or one is on its way. */
  async loadOlder(): Promise<void> {
    const first = this.#loaded?.replies[0]
    if (!first) return
    const page = await this.#older.load(first, () => this.#show())
    if (page && this.#loaded) {
      this.#loaded = { ...this.#loaded, replies: [...page.messages, ...this.#loaded.replies] }
    }
    this.#show()
  }

  /** Shows a change of the root or of a reply at once, and sends it; rejects, and shows it no more, where it fails. */
  change(change: MessageChange): Promise<Message> {
    return this.#pending.run(change)
  }

  readonly #isOfThread = ({ id, threadId }: Message): boolean => threadId === this.#threadId || id === this.#threadId

  #page(cursor?: string) {
    return this.#client.message.thread.query({
      roomId: this.#roomId,
      threadId: this.#threadId,
      direction: 'older',
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    })
  }

  #take(news: ChatNews) {
    if (news.of === 'inbox' || news.roomId !== this.#roomId) return
    if (news.of === 'snapshot') return void this.load()
    const { event } = news
    for (const noting of [this.#older, this.#overlay]) noting?.note(event)
    if ('message' in event && this.#isOfThread(event.message)) this.#fold(event.message)
    if ('member' in event) this.#rename(event.member)
    if (event.type !== 'reset') this.#pending.settle(event.seq)
    // A load that is on its way ends it: another one for each event would never let it finish.
    if ((this.#loaded?.replies.length ?? 0) > MAX_REPLIES && !this.#overlay) void this.load()
    this.#show()
  }

  #fold(message: Message) {
    if (!this.#loaded) return
    const { root, replies } = this.#loaded
    const known = message.id === root.id ? root : replies.find(({ id }) => id === message.id)
    if (known && known.changedSeq >= message.changedSeq) return
    if (message.id === root.id) this.#loaded = { ...this.#loaded, root: message }
    else if (known)
      this.#loaded = { ...this.#loaded, replies: replies.map((each) => (each === known ? message : each)) }
    // Before the first loaded reply it belongs to a page that is not here yet.
    else if (this.#older.phase === 'none' || message.seq > (replies[0]?.seq ?? 0)) {
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
    const { root, replies } = this.#loaded
    const [shownRoot = root, ...shown] = this.#pending.over([root, ...replies])
    this.view.set({ phase: 'open', root: shownRoot, replies: shown, older: this.#older.phase })
  }
}
