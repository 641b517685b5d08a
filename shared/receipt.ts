import { z } from 'zod'
import { roomId, seq } from './ids.ts'
import { paging } from './page.ts'

/** How far one member of a room has read, and received, its messages. */
export interface Receipt {
  userId: string
  /** The furthest position that the member has read. It stays when messages are marked as unread. */
  readSeq: number
  /** Never less than `readSeq`. */
  deliveredSeq: number
  /** When `readSeq` last moved; null for a member who has read nothing since joining. */
  readAt: Date | null
}

export const receiptInputs = {
  /**
   * `unreadMarks`: the number of marks that the caller knows of (`MyRoom.viewer`, `InboxRoom`). A read with a lower number comes
   * too late and changes nothing. Without it the marker always moves, as by "Mark as read".
   */
  read: z.strictObject({ roomId, seq, unreadMarks: z.int('a whole number').min(0).optional() }),
  markUnread: z.strictObject({ roomId, seq }),
  delivered: z.strictObject({ roomId, seq }),
  list: z.strictObject({ roomId, ...paging }),
  onChange: z.strictObject({ roomId }),
}
