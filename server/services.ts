import type { Logger } from 'pino'
import type { Bus } from './bus/bus.ts'
import type { Database } from './db/connect.ts'
import type { FeedHub } from './feed/feed-hub.ts'
import type { MessageWriter } from './message/message-writer.ts'
import type { PresenceBoard } from './presence/presence-board.ts'
import type { MarkerWriter } from './receipt/marker-writer.ts'
import type { CallCounter } from './rpc/call-counter.ts'
import type { RateLimits } from './rpc/rate-limits.ts'
import type { TypingBoard } from './typing/typing-board.ts'
import type { ProfileSpreader } from './user/profile-spreader.ts'
import type { UserDirectory } from './user/user-directory.ts'
import type { UserWatch } from './user/user-watch.ts'

declare module './rpc/context.ts' {
  interface Services {
    readonly log: Logger
    /** Aborts when the server stops; the reason is a ChatError. */
    readonly stopping: AbortSignal
    readonly calls: CallCounter
    /** Undefined where limits are off. */
    readonly rateLimits: RateLimits | undefined
    readonly database: Database
    readonly bus: Bus
    readonly feeds: FeedHub
    readonly messages: MessageWriter
    readonly markers: MarkerWriter
    readonly users: UserDirectory
    readonly userWatch: UserWatch
    readonly profiles: ProfileSpreader
    readonly presence: PresenceBoard
    readonly typing: TypingBoard
  }
}
