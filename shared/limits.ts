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
  /** Items in one page; a page that names no limit has `pageDefault`. */
  page: 100,
  pageDefault: 50,
  /** Of the longest names there are. */
  cursor: 1_500,
  position: 64,
  token: 8_192,
  slowModeSeconds: 21_600,
  /** What one catch-up replays at most, in log positions; what lies further back gets a `reset`. */
  catchUp: 10_000,
  /** A room with more members never sends its whole member list: see `Room.isLarge`. */
  smallRoom: 200,
  /** Characters of a message that an inbox shows. */
  preview: 140,
} as const
