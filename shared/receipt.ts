import { z } from 'zod'
import { roomId, seq } from './ids.ts'
import { paging } from './page.ts'

/** How far one member of a room has read, and got, what was said there. */
export interface Receipt {
  userId: string
  readSeq: number
  /** Never less than `readSeq`. */
  deliveredSeq: number
  /** When the read marker moved last; null for who has read nothing since joining. */
  readAt: Date | null
}

export const receiptInputs = {
  read: z.strictObject({ roomId, seq }),
  delivered: z.strictObject({ roomId, seq }),
  list: z.strictObject({ roomId, ...paging }),
  onChange: z.strictObject({ roomId }),
}
