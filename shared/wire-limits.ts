/** What one connection carries: the server bounds it by these, and the client keeps within them. */
export const WIRE_LIMITS = {
  /** Bytes of one frame, and of the body of one request. */
  frameBytes: 512 << 10,
  /** Bytes of one call. */
  callBytes: 64 << 10,
  /** Calls and subscriptions in one frame or request. */
  batch: 128,
  /** Queries and mutations in flight. */
  calls: 64,
  subscriptions: 64,
} as const
