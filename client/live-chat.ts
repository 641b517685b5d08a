import type { ChatClient, ConnectionState, Me, User } from '../shared/index.ts'
import { InboxStore } from './inbox/inbox-store.ts'
import { ReadMarker } from './inbox/read-marker.ts'
import { Outbox, type OutboxOptions } from './outbox/outbox.ts'
import { PresenceStore } from './people/presence-store.ts'
import { ReceiptStore } from './people/receipt-store.ts'
import { TypingStore } from './people/typing-store.ts'
import { RoomStore, type RoomStoreOptions } from './room/room-store.ts'
import type { ChatNews } from './store/chat-news.ts'
import { Store } from './store/observable-store.ts'
import { StoreShelf } from './store/store-shelf.ts'
import { ThreadStore } from './thread/thread-store.ts'

export interface LiveChatOptions {
  outbox?: Partial<OutboxOptions>
  room?: Omit<RoomStoreOptions, 'onEvent' | 'onSnapshot' | 'onState'>
}

/**
 * Everything live of one signed-in user: one client, one inbox, one outbox, and a store for each room in use. All callers share
 * the stores. A store's streams run while it has a listener.
 *
 * @example
 * const chat = await LiveChat.open(createChatClient({ url, token }))
 * const stop = chat.start()
 * const unsubscribe = chat.room(roomId).view.subscribe(() => draw(chat.room(roomId).view.get()))
 */
export class LiveChat {
  readonly client: ChatClient
  /** The signed-in user as a store. A profile change on this device updates it. */
  readonly self: Store<User>
  readonly tenant: string
  readonly connection: Store<ConnectionState>
  readonly inbox: InboxStore
  readonly outbox: Outbox
  readonly presence: PresenceStore
  readonly #rooms: StoreShelf<RoomStore>
  readonly #typing: StoreShelf<TypingStore>
  readonly #receipts: StoreShelf<ReceiptStore>
  readonly #threads: StoreShelf<ThreadStore>
  readonly #listeners = new Set<(news: ChatNews) => void>()
  #starts = 0

  /** Asks the server who the client's user is. @throws what `auth.me` throws. */
  static async open(client: ChatClient, options?: LiveChatOptions): Promise<LiveChat> {
    return new LiveChat(client, await client.auth.me.query(), options)
  }

  constructor(client: ChatClient, { user, tenant }: Pick<Me, 'user' | 'tenant'>, options: LiveChatOptions = {}) {
    this.client = client
    this.self = new Store(user)
    this.tenant = tenant
    this.connection = new Store(client.connection.state, () => {
      this.connection.set(client.connection.state)
      return client.connection.subscribe((state) => this.connection.set(state))
    })
    this.inbox = new InboxStore(client, user.id, (event) => this.#tell({ of: 'inbox', event }))
    this.outbox = new Outbox(client, { name: `confab.outbox/${tenant}/${user.id}`, ...options.outbox })
    this.presence = new PresenceStore(client)
    this.#typing = new StoreShelf((roomId) => new TypingStore(client, roomId, user.id))
    this.#receipts = new StoreShelf((roomId) => new ReceiptStore(client, roomId))
    this.#threads = new StoreShelf((key) => this.#makeThread(key))
    this.#rooms = new StoreShelf((roomId) => this.#makeRoom(roomId, options.room))
  }

  /** The signed-in user. */
  get viewer(): User {
    return this.self.get()
  }

  /** Starts the outbox and the inbox. The returned function ends them, once it was called for every start. */
  start(): () => void {
    const unsubscribe = this.inbox.view.subscribe(() => undefined)
    this.#starts++
    this.outbox.start()
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      unsubscribe()
      if (--this.#starts === 0) this.outbox.stop()
    }
  }

  /** A room's log: the room, its members, its messages. */
  room(roomId: string): RoomStore {
    return this.#rooms.get(roomId)
  }

  /** The users who are typing in a room. */
  typing(roomId: string): TypingStore {
    return this.#typing.get(roomId)
  }

  /** How far the members of a room have read. */
  receipts(roomId: string): ReceiptStore {
    return this.#receipts.get(roomId)
  }

  /** A message and its replies; live while its room is live too. */
  thread(roomId: string, threadId: string): ThreadStore {
    return this.#threads.get(`${roomId} ${threadId}`)
  }

  /** Marks the message at `seq` and the later messages of others as unread on all devices, until the viewer reads on. */
  async markUnread(roomId: string, seq: number): Promise<void> {
    await this.client.receipt.markUnread.mutate({ roomId, seq })
  }

  /** Reports to the server what the viewer has read in a room. Each visit makes its own. */
  readMarker(roomId: string): ReadMarker {
    return new ReadMarker(this.client, roomId, this.inbox)
  }

  /** Calls back for every event of the inbox and of live rooms; returns the unsubscribe. */
  onNews(listener: (news: ChatNews) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  #makeRoom(roomId: string, options: LiveChatOptions['room']): RoomStore {
    return new RoomStore(this.client, roomId, {
      ...options,
      onState: (state) => this.outbox.settle(state),
      onEvent: (event) => this.#tell({ of: 'room', roomId, event }),
      onSnapshot: () => this.#tell({ of: 'snapshot', roomId }),
    })
  }

  #makeThread(key: string): ThreadStore {
    const [roomId = '', threadId = ''] = key.split(' ')
    return new ThreadStore(this.client, { roomId, threadId }, (listener) => this.onNews(listener))
  }

  #tell(news: ChatNews) {
    for (const listener of this.#listeners) listener(news)
  }
}
