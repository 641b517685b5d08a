import type { ChatClient, ConnectionState, User } from '../../../shared/index.ts'
import { PresenceMap } from '../people/presence-map.ts'
import { RoomList } from '../rooms/room-list.ts'
import { Store } from '../store/observable-store.ts'
import { Outbox } from '../timeline/outbox.ts'
import { ToastStore } from '../ui/toast-store.ts'

/** Everything that one signed-in person has open: made after the server has said who that is, ended by `close`. */
export class ChatSession {
  readonly client: ChatClient
  readonly viewer: User
  readonly connection: Store<ConnectionState>
  readonly rooms: RoomList
  readonly presence: PresenceMap
  readonly outbox: Outbox
  readonly toasts = new ToastStore()
  /** The room whose newest messages are before the viewer's eyes: what comes there is not unread, even before its receipt is. */
  readonly reading = new Store<string | undefined>(undefined)
  /** What was written and not sent, by room. */
  readonly drafts = new Map<string, string>()
  readonly #unwatch: () => void

  constructor(client: ChatClient, viewer: User) {
    this.client = client
    this.viewer = viewer
    this.connection = new Store(client.connection.state)
    this.#unwatch = client.connection.subscribe((state) => this.connection.set(state))
    this.presence = new PresenceMap(client)
    this.outbox = new Outbox(client)
    this.rooms = new RoomList(client, viewer.id, this.presence)
    this.rooms.start()
  }

  close() {
    this.#unwatch()
    this.rooms.stop()
    this.presence.stop()
    this.toasts.clear()
  }
}
