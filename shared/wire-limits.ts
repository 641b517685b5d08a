/** The limits of one connection. The server enforces them, and the client stays within them. */
export const WIRE_LIMITS = {
  /** Bytes of one frame, and of the body of one request. */
  frameBytes: 512 << 10,
  /** Bytes of one call. */
  callBytes: 64 << 10,
  /** Values in one call. The largest input, a word filter of maximum size, has 3,000. */
  callValues: 8_192,
  /** Nesting of arrays and objects in one call. A `meta` may have 8 levels, within an input and its wrapping. */
  callDepth: 32,
  /** Calls and subscriptions in one frame or request. */
  batch: 128,
  /** Queries and mutations in flight. */
  calls: 64,
  subscriptions: 64,
} as const
