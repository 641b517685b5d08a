import type { Logger } from 'pino'
import type { Bus } from './bus/bus.ts'
import type { Database } from './db/connect.ts'
import type { CatchUps } from './feed/catch-ups.ts'
import type { FeedHub } from './feed/feed-hub.ts'
import type { InboxRelays } from './inbox/inbox-relay.ts'
import type { AccessReader } from './member/access-reader.ts'
import type { MetaCheck } from './message/message-meta.ts'
import type { MessageWriter } from './message/message-writer.ts'
import type { PresenceBoard } from './presence/presence-board.ts'
import type { MarkerWriter } from './receipt/marker-writer.ts'
import type { ReceiptBoard } from './receipt/receipt-board.ts'
import type { CallCounter } from './rpc/call-counter.ts'
import type { CallMeter } from './rpc/call-meter.ts'
import type { LoopShare } from './rpc/loop-share.ts'
import type { RateLimits } from './rpc/rate-limits.ts'
import type { SearchIndexer } from './search/search-indexer.ts'
import type { SearchTurns } from './search/search-turns.ts'
import type { TypingBoard } from './typing/typing-board.ts'
import type { ProfileSpreader } from './user/profile-spreader.ts'
import type { UserDirectory } from './user/user-directory.ts'
import type { UserWatch } from './user/user-watch.ts'
import type { WordFilters } from './word-filter/word-filters.ts'

declare module './rpc/context.ts' {
  interface Services {
    readonly log: Logger
    /** Aborts when the server stops; the reason is a ChatError. */
    readonly stopping: AbortSignal
    readonly calls: CallCounter
    readonly callMeter: CallMeter
    readonly loopShare: LoopShare
    /** Undefined where limits are off. */
    readonly rateLimits: RateLimits | undefined
    readonly database: Database
    readonly bus: Bus
    readonly feeds: FeedHub
    readonly catchUps: CatchUps
    readonly inboxRelays: InboxRelays
    readonly messages: MessageWriter
    /** Undefined where the host application allows any. */
    readonly messageMeta: MetaCheck | undefined
    readonly markers: MarkerWriter
    readonly searchIndexer: SearchIndexer
    readonly searches: SearchTurns
    readonly receipts: ReceiptBoard
    readonly users: UserDirectory
    readonly userWatch: UserWatch
    readonly access: AccessReader
    readonly profiles: ProfileSpreader
    readonly presence: PresenceBoard
    readonly typing: TypingBoard
    readonly wordFilters: WordFilters
  }
}
