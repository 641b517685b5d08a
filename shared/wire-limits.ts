/** What one connection carries: the server bounds it by these, and the client keeps within them. */
export const WIRE_LIMITS = {
  /** Bytes of one frame, and of the body of one request. */
  frameBytes: 512 << 10,
  /** Bytes of one call. */
  callBytes: 64 << 10,
  /** Values in one call. The largest input, a filter of as many words as there may be, has 3,000. */
  callValues: 8_192,
  /** Arrays and objects within each other in one call. A `meta` may have 8 levels, within an input and its wrapping. */
  callDepth: 32,
  /** Calls and subscriptions in one frame or request. */
  batch: 128,
  /** Queries and mutations in flight. */
  calls: 64,
  subscriptions: 64,
} as const
