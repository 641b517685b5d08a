/** Every bound on a caller's input, in one place. Lengths are UTF-16 code units, as JavaScript counts them. */
export const LIMITS = {
  userId: 128,
  tenantId: 64,
  name: 100,
  description: 1_000,
  url: 2_048,
  reason: 500,
  statusText: 140,
  searchQuery: 100,
  /** A message's content. */
  content: 8_000,
  /** A `meta` object as JSON text. */
  meta: 4_096,
  /** Users named in one call. */
  userIds: 100,
  /** Messages named in one call. */
  messageIds: 100,
  /** One emoji: the longest ones, families with skin tones, have 15. */
  emoji: 40,
  /** Kinds of reactions to one message, and how many users of each kind the message names. */
  reactionKinds: 20,
  reactionUsers: 10,
  /** Pinned messages of one room. */
  pins: 100,
  /** Items in one page. `pageDefault` applies if the caller names no limit. */
  page: 100,
  pageDefault: 50,
  /** Room for the longest names there are. */
  cursor: 1_500,
  position: 64,
  token: 8_192,
  inviteCode: 64,
  locale: 64,
  inviteUses: 1_000_000,
  slowModeSeconds: 21_600,
  /** Rooms of one `room.sync`. */
  syncRooms: 100,
  /** Words of one filter. Words with a wildcard cost more, so fewer are allowed. */
  filterWords: 1_000,
  filterWildcards: 100,
  filterPattern: 64,
  /** The most log positions that one catch-up replays. A subscriber further behind gets a `reset`. */
  catchUp: 10_000,
  /** A room with more members never sends its whole member list: see `Room.isLarge`. */
  smallRoom: 200,
  /** The number of a thread's participants that its root names. */
  threadParticipants: 20,
  /** Characters of a message that an inbox shows. */
  preview: 140,
  /** Characters of a message that a search result shows. */
  snippet: 160,
  /** The number of matches that a search result names. */
  snippetMatches: 32,
  /** Drafts of one user. */
  drafts: 500,
  /** Unsent scheduled messages of one user. */
  scheduled: 200,
  /** How far ahead a message can be scheduled, in days. */
  scheduleDays: 366,
} as const
