import type { Logger } from 'pino'
import type { AccessReader } from './access/access-reader.ts'
import type { RoomBus } from './bus/room-bus.ts'
import type { Database } from './db/database.ts'
import type { InboxRelays } from './inbox/inbox-relay.ts'
import type { FairTurns } from './lib/fair-turns.ts'
import type { LoopShare } from './lib/loop-share.ts'
import type { FeedHub } from './log/live/feed-hub.ts'
import type { MetaCheck } from './message/message-send.ts'
import type { MessageWriter } from './message/message-writer.ts'
import type { PresenceBoard } from './presence/presence-board.ts'
import type { ReceiptBoard } from './receipt/receipt-board.ts'
import type { CallMetrics } from './rpc/call-metrics.ts'
import type { CursorSigner } from './rpc/cursor.ts'
import type { InFlightCalls } from './rpc/in-flight-calls.ts'
import type { OpenStreams } from './rpc/open-streams.ts'
import type { RateLimits } from './rpc/rate-limits.ts'
import type { SearchIndexer } from './search/search-indexer.ts'
import type { TypingBoard } from './typing/typing-board.ts'
import type { MarkerWriter } from './unread/marker-writer.ts'
import type { ProfilePropagator } from './user/profile-propagator.ts'
import type { UserDirectory } from './user/user-directory.ts'
import type { UserWatch } from './user/user-watch.ts'
import type { WordFilters } from './word-filter/word-filters.ts'

declare module './rpc/context.ts' {
  interface Services {
    readonly log: Logger
    /** Aborts when the server stops; the reason is a ChatError. */
    readonly stopping: AbortSignal
    readonly calls: InFlightCalls
    readonly callMetrics: CallMetrics
    readonly loopShare: LoopShare
    /** Undefined if limits are off. */
    readonly rateLimits: RateLimits | undefined
    readonly openStreams: OpenStreams
    readonly database: Database
    readonly cursors: CursorSigner
    readonly bus: RoomBus
    readonly feeds: FeedHub
    /** Turns of catch-ups that read the database. They leave most of the pool to everything else. */
    readonly catchUps: FairTurns
    readonly inboxRelays: InboxRelays
    readonly messages: MessageWriter
    /** Undefined if the host application allows any metadata. */
    readonly messageMeta: MetaCheck | undefined
    readonly markers: MarkerWriter
    readonly searchIndexer: SearchIndexer
    /** Turns of users' queries. Undefined if RATE_LIMIT is off. */
    readonly queryTurns: FairTurns | undefined
    /** Turns of searches, each of which holds a connection to the database. */
    readonly searches: FairTurns
    readonly receipts: ReceiptBoard
    readonly users: UserDirectory
    readonly userWatch: UserWatch
    readonly access: AccessReader
    readonly profiles: ProfilePropagator
    readonly presence: PresenceBoard
    readonly typing: TypingBoard
    readonly wordFilters: WordFilters
  }
}
