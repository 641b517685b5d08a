import { z } from 'zod'
import { messageId, roomId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { paging } from './page.ts'
import { proseText } from './text.ts'

/** The caller's unsent text in a room or a thread, the same on every device. */
export interface Draft {
  roomId: string
  threadId: string | null
  content: string
  updatedAt: Date
}

const place = { roomId, threadId: messageId.optional() }

export const draftInputs = {
  /** An empty content removes the draft. */
  set: z.strictObject({ ...place, content: proseText(LIMITS.content) }),
  get: z.strictObject(place),
  list: z.strictObject(paging).prefault({}),
}
