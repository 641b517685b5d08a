import type { TokenRole } from '../../shared/user.ts'

/**
 * What the composition root gives to procedures. Its members are declared where they are built, in `server/services.ts`, by
 * declaration merging: this file, and with it the router's published type, depends on no server package.
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type
export interface Services {}

/** Where a session comes from: a token that the caller sent, or code of this process, which is trusted. */
export type SessionOrigin = 'token' | 'process'

/** An authenticated caller, for as long as its token, its connection and its rights last. */
export interface Session {
  readonly tenantId: string
  readonly userId: string
  readonly role: TokenRole
  /** A caller in process is not counted, and has no token that could be revoked. */
  readonly origin: SessionOrigin
  /** Null for a caller in process. */
  readonly expiresAt: Date | null
  /** Aborts when the session ends before its call does; the reason is a ChatError. */
  readonly signal: AbortSignal
  /** @throws ChatError TOKEN_REVOKED or USER_BANNED */
  admit(): Promise<void>
  /** Makes the session watch its user and its expiry, and end by `signal`, until every holder has released it. */
  hold(): Promise<() => void>
  /** Goes on with a newer token of the same user. */
  refresh(token: string): Promise<Date>
}

/** The connection or request of a call, for the log. */
export interface CallSource {
  readonly connectionId?: string
  readonly requestId?: string
}

export interface Context {
  readonly services: Services
  /** Absent for a caller in process. */
  readonly source?: CallSource
  /** Null for an anonymous caller. */
  readonly session: Session | null
}
