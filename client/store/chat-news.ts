import type { InboxEvent, RoomEvent } from '../../shared/index.ts'

/** An event or snapshot that a live store has just taken in. */
export type ChatNews =
  | { of: 'inbox'; event: InboxEvent }
  | { of: 'room'; roomId: string; event: RoomEvent }
  /** A new snapshot of the room. Events up to this point may have been missed. */
  | { of: 'snapshot'; roomId: string }
