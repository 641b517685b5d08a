import { type ChatNews, type LiveChat, Store } from '../../../client/client-entry.ts'
import type { RoomState } from '../../../shared/index.ts'
import { changeOf, type RoomBefore, type RoomChange } from './timeline-change.ts'

/** The most changes that are kept of one room; older ones are dropped. */
const MAX_CHANGES = 100
/** The most rooms whose changes are kept; the room that was opened longest ago is dropped. */
const MAX_ROOMS = 50

const NONE: readonly RoomChange[] = []

/**
 * The changes that this window has seen in its open rooms: joins, leaves, new roles and new names. The server keeps the latest
 * state of a member and of a room, and not these changes. Changes while a room was not followed are unknown, except the joins of
 * current members (`joinsOf` of timeline-change.ts).
 */
export class ChangeLog {
  readonly #chat: LiveChat
  readonly #before = new Map<string, RoomBefore>()
  readonly #changes = new Store<ReadonlyMap<string, readonly RoomChange[]>>(new Map())
  readonly close: () => void

  constructor(chat: LiveChat) {
    this.#chat = chat
    this.close = chat.onNews((news) => this.#take(news))
  }

  readonly subscribe = this.#changes.subscribe

  /** In the order in which they happened; the same array until a change is added. */
  of(roomId: string): readonly RoomChange[] {
    return this.#changes.get().get(roomId) ?? NONE
  }

  #take(news: ChatNews) {
    if (news.of === 'inbox') return
    const { roomId } = news
    const before = this.#before.get(roomId)
    if (news.of === 'room' && before) {
      const change = changeOf(news.event, before)
      if (change) this.#add(roomId, change)
    }
    if (news.of === 'room' && !('member' in news.event) && !('room' in news.event)) return
    const view = this.#chat.room(roomId).view.get()
    if (view.phase === 'open') this.#remember(view.state)
  }

  #add(roomId: string, change: RoomChange) {
    this.#changes.update((all) => new Map(all).set(roomId, [...this.of(roomId), change].slice(-MAX_CHANGES)))
  }

  #remember({ room, members }: RoomState) {
    // A large room's state lists no members, and nobody joins or leaves a direct conversation.
    if (room.isLarge || room.kind === 'direct') return void this.#before.delete(room.id)
    this.#before.delete(room.id)
    this.#before.set(room.id, { name: room.name, roles: new Map(members.map(({ userId, role }) => [userId, role])) })
    for (const roomId of [...this.#before.keys()].slice(0, -MAX_ROOMS)) this.#forget(roomId)
  }

  #forget(roomId: string) {
    this.#before.delete(roomId)
    this.#changes.update((all) => new Map([...all].filter(([each]) => each !== roomId)))
  }
}
