import { z } from 'zod'
import { roomId, seq } from './ids.ts'
import { paging } from './page.ts'

/** How far one member of a room has read, and got, what was said there. */
export interface Receipt {
  userId: string
  /** The furthest that the member has read: what was seen stays seen, also where it was marked as unread since. */
  readSeq: number
  /** Never less than `readSeq`. */
  deliveredSeq: number
  /** When `readSeq` moved last; null for who has read nothing since joining. */
  readAt: Date | null
}

export const receiptInputs = {
  /**
   * `unreadMarks`: as many marks as the caller knows of (`MyRoom.viewer`, `InboxRoom`). A read that knows of fewer than there are comes
   * too late and changes nothing. Without it the marker moves in any case, as by "Mark as read".
   */
  read: z.strictObject({ roomId, seq, unreadMarks: z.int('a whole number').min(0).optional() }),
  markUnread: z.strictObject({ roomId, seq }),
  delivered: z.strictObject({ roomId, seq }),
  list: z.strictObject({ roomId, ...paging }),
  onChange: z.strictObject({ roomId }),
}
