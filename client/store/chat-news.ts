import type { InboxEvent, RoomEvent } from '../../shared/index.ts'

/** What a live store has just taken in. */
export type ChatNews =
  | { of: 'inbox'; event: InboxEvent }
  | { of: 'room'; roomId: string; event: RoomEvent }
  /** The room anew: its events up to here may have been missed. */
  | { of: 'snapshot'; roomId: string }
