import type { Typing } from '../../shared/presence.ts'
import type { UserSummary } from '../../shared/user.ts'
import { type Bus, roomChannel } from '../bus/bus.ts'
import { KeyedSubscriptions, type Opening } from '../lib/keyed-subscriptions.ts'

interface Typist {
  user: UserSummary
  expiry: ReturnType<typeof setTimeout>
}

/** Bound on typists shown: the whole list is sent to every watcher. */
const MAX_TYPISTS = 100

interface Board {
  /** At most MAX_TYPISTS. */
  typists: Map<string, Typist>
  listeners: Set<() => void>
}

/**
 * Knows who is typing in the rooms that are watched on this node. An entry that is not renewed expires, so neither a lost stop
 * nor a dead node leaves anybody typing.
 */
export class TypingBoard {
  readonly #bus: Bus
  readonly #expireMs: number
  readonly #boards = new KeyedSubscriptions<Board>()

  constructor(bus: Bus, expireMs: number) {
    this.#bus = bus
    this.#expireMs = expireMs
  }

  /** Notifies every node. */
  set(tenantId: string, roomId: string, user: UserSummary, isTyping: boolean): void {
    this.#bus.publish(roomChannel(tenantId, roomId), { type: 'typing.changed', user, isTyping })
  }

  /** The users currently typing there. */
  read(tenantId: string, roomId: string): Typing {
    const board = this.#boards.get(roomChannel(tenantId, roomId))
    return { users: [...(board?.typists.values() ?? [])].map((typist) => typist.user) }
  }

  /** Calls back on every change until the returned function is called. */
  async watch(tenantId: string, roomId: string, onChange: () => void): Promise<() => void> {
    const channel = roomChannel(tenantId, roomId)
    const { value: board, release } = await this.#boards.acquire(channel, () => this.#open(channel))
    board.listeners.add(onChange)
    return () => {
      board.listeners.delete(onChange)
      release()
    }
  }

  close(): void {
    this.#boards.close()
  }

  #open(channel: string): Opening<Board> {
    const typists = new Map<string, Typist>()
    const listeners = new Set<() => void>()
    const changed = () => listeners.forEach((listener) => listener())
    const opened = this.#bus.subscribe(channel, (message) => {
      if (message.type === 'typing.changed') {
        const { user, isTyping } = message
        if (this.#update(typists, user, isTyping, changed)) changed()
      } else if (message.type === 'room.changed' && message.event.type === 'message.created') {
        // A user who has sent the message has stopped typing it.
        if (this.#stop(typists, message.event.message.senderId)) changed()
      }
    })
    const close = () => {
      for (const { expiry } of typists.values()) clearTimeout(expiry)
    }
    return { value: { typists, listeners }, opened, close }
  }

  /** Whether the list of typists changed. */
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
