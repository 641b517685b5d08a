import { z } from 'zod'
import { messageId, roomId, seq } from './ids.ts'
import type { Meta } from './json.ts'
import type { Message } from './message.ts'
import { paging } from './page.ts'

/** Unread counts over all threads that a user follows. */
export interface ThreadCounts {
  unread: number
  /** Unread replies that mention the follower. `unread` includes them. */
  mentions: number
}

/** A thread as one of its followers sees it. */
export interface FollowedThread<M extends object = Meta> extends ThreadCounts {
  root: Message<M>
  /** The ordinal of the thread's latest reply, and the last one that the follower has read. */
  lastOrdinal: number
  readOrdinal: number
}

const oneThread = { roomId, threadId: messageId }

export const threadInputs = {
  byId: z.strictObject(oneThread),
  /** Without `seq`: all replies so far. */
  read: z.strictObject({ ...oneThread, seq: seq.optional() }),
  list: z.strictObject(paging),
}
