/** Every bound on what a caller may send, in one place. Lengths are UTF-16 code units, as JavaScript counts them. */
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
  /** One emoji: the longest there are have 15, families with skin tones. */
  emoji: 40,
  /** Kinds of reactions to one message, and how many of each kind's users are named in the message. */
  reactionKinds: 20,
  reactionUsers: 10,
  /** Pinned messages of one room. */
  pins: 100,
  /** Items in one page; a page that names no limit has `pageDefault`. */
  page: 100,
  pageDefault: 50,
  /** Of the longest names there are. */
  cursor: 1_500,
  position: 64,
  token: 8_192,
  inviteCode: 64,
  locale: 64,
  inviteUses: 1_000_000,
  slowModeSeconds: 21_600,
  /** Rooms of one `room.sync`. */
  syncRooms: 100,
  /** Words of one filter; those with a wildcard cost more and are fewer. */
  filterWords: 1_000,
  filterWildcards: 100,
  filterPattern: 64,
  /** What one catch-up replays at most, in log positions; what lies further back gets a `reset`. */
  catchUp: 10_000,
  /** A room with more members never sends its whole member list: see `Room.isLarge`. */
  smallRoom: 200,
  /** Of a thread's participants, its root names the first. */
  threadParticipants: 20,
  /** Characters of a message that an inbox shows. */
  preview: 140,
  /** Characters of a message that a search result shows. */
  snippet: 160,
  /** Matches that a search result names in it; of more, the first. */
  snippetMatches: 32,
  /** Drafts of one user. */
  drafts: 500,
  /** Messages that one user has scheduled and that are not sent. */
  scheduled: 200,
  /** How far ahead a message can be scheduled, in days. */
  scheduleDays: 366,
} as const
