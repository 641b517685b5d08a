import type { Typing } from '../../shared/presence.ts'
import type { UserSummary } from '../../shared/user.ts'
import { type Bus, roomChannel, type Unsubscribe } from '../bus/bus.ts'

interface Typist {
  user: UserSummary
  expiry: ReturnType<typeof setTimeout>
}

/** Of more, the first are shown: the whole list goes to everybody who watches. */
const MAX_TYPISTS = 100

interface Board {
  /** At most MAX_TYPISTS. */
  typists: Map<string, Typist>
  listeners: Set<() => void>
  subscribed: Promise<Unsubscribe>
}

/**
 * Who types, in the rooms that somebody on this node watches. What is not repeated expires by itself, so neither a lost stop nor a
 * dead node leaves anybody typing.
 */
export class TypingBoard {
  readonly #bus: Bus
  readonly #expireMs: number
  readonly #boards = new Map<string, Board>()

  constructor(bus: Bus, expireMs: number) {
    this.#bus = bus
    this.#expireMs = expireMs
  }

  /** Tells every node. */
  set(tenantId: string, roomId: string, user: UserSummary, isTyping: boolean): void {
    this.#bus.publish(roomChannel(tenantId, roomId), { type: 'typing.changed', user, isTyping })
  }

  /** Who types there now. */
  read(tenantId: string, roomId: string): Typing {
    const board = this.#boards.get(roomChannel(tenantId, roomId))
    return { users: [...(board?.typists.values() ?? [])].map((typist) => typist.user) }
  }

  /** Calls back at every change until the returned function is called. */
  async watch(tenantId: string, roomId: string, onChange: () => void): Promise<() => void> {
    const channel = roomChannel(tenantId, roomId)
    const board = this.#boards.get(channel) ?? this.#open(channel)
    this.#boards.set(channel, board)
    board.listeners.add(onChange)
    const release = () => {
      board.listeners.delete(onChange)
      if (board.listeners.size === 0 && this.#boards.get(channel) === board) this.#close(channel, board)
    }
    try {
      await board.subscribed
      return release
    } catch (error) {
      release()
      throw error
    }
  }

  close(): void {
    for (const [channel, board] of this.#boards) this.#close(channel, board)
  }

  #open(channel: string): Board {
    const typists = new Map<string, Typist>()
    const listeners = new Set<() => void>()
    const changed = () => listeners.forEach((listener) => listener())
    const subscribed = this.#bus.subscribe(channel, (message) => {
      if (message.type === 'typing.changed') {
        const { user, isTyping } = message
        if (this.#update(typists, user, isTyping, changed)) changed()
      } else if (message.type === 'room.changed' && message.event.type === 'message.created') {
        // Who has sent the message has stopped typing it.
        if (this.#stop(typists, message.event.message.senderId)) changed()
      }
    })
    return { typists, listeners, subscribed }
  }

  #close(channel: string, board: Board): void {
    this.#boards.delete(channel)
    for (const { expiry } of board.typists.values()) clearTimeout(expiry)
    board.subscribed.then(
      (unsubscribe) => unsubscribe(),
      () => undefined,
    )
  }

  /** Whether the list of who types is another one now. */
  #update(typists: Map<string, Typist>, user: UserSummary, isTyping: boolean, changed: () => void): boolean {
    const wasTyping = this.#stop(typists, user.id)
    if (!isTyping || typists.size >= MAX_TYPISTS) return wasTyping
    const expiry = setTimeout(() => {
      typists.delete(user.id)
      changed()
    }, this.#expireMs)
    expiry.unref()
    typists.set(user.id, { user, expiry })
    return !wasTyping
  }

  #stop(typists: Map<string, Typist>, userId: string): boolean {
    clearTimeout(typists.get(userId)?.expiry)
    return typists.delete(userId)
  }
}
