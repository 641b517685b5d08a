import type { HiddenChange } from '../../shared/inbox.ts'
import type { RoomLogEvent } from '../../shared/room-event.ts'
import type { UserSummary } from '../../shared/user.ts'

/** What nodes tell each other. `bus-codec.ts` checks each type where it comes in. */
export type BusMessage =
  | { type: 'room.changed'; epoch: string; event: RoomLogEvent }
  | { type: 'typing.changed'; user: UserSummary; isTyping: boolean }
  | { type: 'user.changed' }
  /** What a user alone has of a room changed: the read marker, or settings. */
  | { type: 'viewer.changed'; roomId: string }
  /** To the one who hid it, or shows it again. */
  | { type: 'message.hidden'; roomId: string; change: HiddenChange }
  | { type: 'wordFilter.changed'; tenantId: string }
  | { type: 'threads.changed' }
  | { type: 'receipt.moved'; userId: string }
  | PresenceChanged
  | CallsCounted

/** Leases of one node that changed. Version `version` of what the node holds follows from version `base` by these. */
export interface PresenceChanged {
  type: 'presence.changed'
  node: string
  base: number
  version: number
  /** By user channel; null where the lease is gone. */
  leases: [channel: string, lease: PresenceLease | null][]
}

/** What one node says of one user who is connected there. */
export interface PresenceLease {
  status: 'online' | 'away' | 'busy' | 'invisible'
  text: string | null
  /** When the user chose the status, in milliseconds; 0 where it was not chosen. The latest choice counts. */
  chosenAt: number
}

/** Calls that one node has counted and the others have not. */
export interface CallsCounted {
  type: 'calls.counted'
  node: string
  counts: [kind: string, key: string, calls: number][]
}

/**
 * Hints between nodes, the publishing one included. At most once: any message may be lost, and what must not be lost is in the
 * database, where the feeds look again. Messages of one publisher on one channel arrive in order; between publishers there is
 * none. Anybody may publish; listeners must return at once and not throw.
 */
export interface Bus {
  /** Whether messages reach the other nodes now, as far as is known. */
  readonly isUp: boolean
  /** Calls back when `isUp` has changed. */
  onHealthChange(listener: () => void): Unsubscribe
  /** Never waits and never fails; what can't be sent is dropped. Listeners on this node have it when this returns. */
  publish(channel: string, message: BusMessage): void
  /** Resolves when messages published from now on arrive, or when the bus is down: then they do once it is back. */
  subscribe(channel: string, listener: BusListener): Promise<Unsubscribe>
  close(): Promise<void>
}

export type BusListener = (message: BusMessage) => void
export type Unsubscribe = () => void

export const roomChannel = (tenantId: string, roomId: string): string => `room:${tenantId}:${roomId}`
export const userChannel = (tenantId: string, userId: string): string => `user:${tenantId}:${userId}`
/** What every node hears. */
export const NODES_CHANNEL = 'nodes'
/** One for all tenants: filters change rarely, and every node that writes messages listens. */
export const FILTER_CHANNEL = 'filters'
