import type { RoomLogEvent } from '../../shared/room-event.ts'
import type { UserSummary } from '../../shared/user.ts'

/** What nodes tell each other. */
export type BusMessage =
  | { type: 'room.changed'; epoch: string; event: RoomLogEvent }
  | { type: 'typing.changed'; user: UserSummary; isTyping: boolean }
  | { type: 'user.changed' }
  | { type: 'marker.moved'; roomId: string }

/**
 * Hints between nodes, the publishing one included. At most once: any message may be lost, and what must not be lost is in the
 * database, where the feeds look again. Messages of one publisher on one channel arrive in order; between publishers there is
 * none. Anybody may publish; listeners must return at once and not throw.
 */
export interface Bus {
  /** Never waits and never fails; what can't be sent is dropped. */
  publish(channel: string, message: BusMessage): void
  /** Resolves when messages published from now on arrive. */
  subscribe(channel: string, listener: BusListener): Promise<Unsubscribe>
  close(): Promise<void>
}

export type BusListener = (message: BusMessage) => void
export type Unsubscribe = () => void

export const roomChannel = (tenantId: string, roomId: string): string => `room:${tenantId}:${roomId}`
export const userChannel = (tenantId: string, userId: string): string => `user:${tenantId}:${userId}`
