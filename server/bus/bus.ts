import type { HiddenChange } from '../../shared/inbox.ts'
import type { RoomLogEvent } from '../../shared/room-event.ts'
import type { UserSummary } from '../../shared/user.ts'

/** Messages between nodes. `bus-codec.ts` checks each type on arrival. */
export type BusMessage =
  | { type: 'room.changed'; epoch: string; event: RoomLogEvent }
  | { type: 'typing.changed'; user: UserSummary; isTyping: boolean }
  | { type: 'user.changed' }
  /** A member's private state in a room changed: the read marker or settings. */
  | { type: 'viewer.changed'; roomId: string }
  /** Sent to the user who hid the message or shows it again. */
  | { type: 'message.hidden'; roomId: string; change: HiddenChange }
  | { type: 'wordFilter.changed'; tenantId: string }
  | { type: 'threads.changed' }
  | { type: 'receipt.moved'; userId: string }
  | PresenceChanged
  | CallsCounted

/** Changed leases of one node. Applied to version `base` of the node's leases, they give version `version`. */
export interface PresenceChanged {
  type: 'presence.changed'
  node: string
  base: number
  version: number
  /** By user channel; null if the lease is gone. */
  leases: [channel: string, lease: PresenceLease | null][]
}

/** One node's lease for a user who is connected there. */
export interface PresenceLease {
  status: 'online' | 'away' | 'busy' | 'invisible'
  text: string | null
  /** When the user chose the status, in milliseconds; 0 if they never did. The latest choice wins. */
  chosenAt: number
}

/** Calls that one node has counted and has yet to share with the others. */
export interface CallsCounted {
  type: 'calls.counted'
  node: string
  counts: [kind: string, key: string, calls: number][]
}

/**
 * Carries hints between nodes, including the publishing one. Delivery is at most once: any message may be lost. What must not be
 * lost is in the database, which the feeds poll. Messages of one publisher on one channel arrive in order; there is no order
 * between publishers. Any code may publish; listeners must return at once and not throw.
 */
export interface Bus {
  /** Whether messages currently reach the other nodes, as far as is known. */
  readonly isUp: boolean
  /** Calls back when `isUp` changes. */
  onHealthChange(listener: () => void): Unsubscribe
  /**
   * Never waits and never fails; a message that can't be sent is dropped. Listeners on this node receive it before this returns.
   */
  publish(channel: string, message: BusMessage): void
  /**
   * Resolves when messages published from now on arrive. If the bus is down it resolves too: they then arrive once it is back.
   */
  subscribe(channel: string, listener: BusListener): Promise<Unsubscribe>
  close(): Promise<void>
}

export type BusListener = (message: BusMessage) => void
export type Unsubscribe = () => void

export const roomChannel = (tenantId: string, roomId: string): string => `room:${tenantId}:${roomId}`
export const userChannel = (tenantId: string, userId: string): string => `user:${tenantId}:${userId}`
/** The channel that every node subscribes to. */
export const NODES_CHANNEL = 'nodes'
/** One channel for all tenants: filters change rarely, and every node that writes messages listens. */
export const FILTER_CHANNEL = 'filters'
