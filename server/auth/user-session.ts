import type { TokenRole } from '../../shared/user.ts'
import type { UserRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { Session, SessionOrigin } from '../rpc/context.ts'
import { refusalOf, type UserDirectory } from '../user/user-directory.ts'
import type { UserWatch } from '../user/user-watch.ts'
import type { Identity, TokenVerifier } from './token-verifier.ts'

export interface SessionServices {
  verifier: TokenVerifier
  users: UserDirectory
  userWatch: UserWatch
}

/** An in-process caller has no token: nothing expires and nothing can be revoked. */
export type SessionIdentity =
  | Identity
  | (Omit<Identity, 'origin' | 'issuedAt' | 'expiresAt'> & { origin: 'process'; expiresAt: null })

/** The limit of setTimeout; later expiries are waited for in steps. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * A caller. While it is held (by a connection or stream), it watches itself and ends when the token expires or is revoked, or the
 * user is banned. Otherwise it reads the user's row for every call.
 */
export class UserSession implements Session {
  readonly #services: SessionServices
  readonly #ending = new AbortController()
  #identity: SessionIdentity
  #holds = 0
  #isAdmitted = false
  #unwatch: Promise<() => void> | undefined
  #expiry: ReturnType<typeof setTimeout> | undefined

  constructor(services: SessionServices, identity: SessionIdentity) {
    this.#services = services
    this.#identity = identity
  }

  get tenantId(): string {
    return this.#identity.tenantId
  }

  get userId(): string {
    return this.#identity.userId
  }

  get role(): TokenRole {
    return this.#identity.role
  }

  get origin(): SessionOrigin {
    return this.#identity.origin
  }

  get expiresAt(): Date | null {
    return this.#identity.expiresAt
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  async admit(): Promise<void> {
    this.signal.throwIfAborted()
    if (this.#holds > 0 && this.#isAdmitted) return
    await this.#services.users.admit(this.#identity)
    this.#isAdmitted = this.#holds > 0
  }

  async hold(): Promise<() => void> {
    this.#holds++
    this.#unwatch ??= this.#watch()
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      if (--this.#holds === 0) this.#rest()
    }
    try {
      await this.#unwatch
      return release
    } catch (error) {
      release()
      throw error
    }
  }

  async refresh(token: string): Promise<Date> {
    const identity = await this.#services.verifier.verify(token)
    if (identity.tenantId !== this.tenantId || identity.userId !== this.userId) {
      throw new ChatError('TOKEN_INVALID', {
        message: 'Unable to continue with this token; it belongs to another user',
      })
    }
    if (identity.role !== this.role) {
      throw new ChatError('TOKEN_INVALID', { message: 'Unable to continue with this token; it has another role' })
    }
    await this.#services.users.admit(identity)
    this.#identity = identity
    if (this.#holds > 0) this.#awaitExpiry()
    return identity.expiresAt
  }

  /**
   * The first read creates the row of a new user. The second read, after the watch has begun, ensures that no revocation is
   * missed.
   */
  async #watch(): Promise<() => void> {
    const onChange = (user: UserRow) => {
      const refused = refusalOf(user, this.#identity)
      if (refused) this.#end(refused)
    }
    await this.#services.users.admit(this.#identity)
    const unwatch = await this.#services.userWatch.watch(this.tenantId, this.userId, { onChange })
    try {
      await this.#services.users.admit(this.#identity)
    } catch (error) {
      unwatch()
      throw error
    }
    this.#awaitExpiry()
    this.#isAdmitted = false
    return unwatch
  }

  #awaitExpiry(): void {
    clearTimeout(this.#expiry)
    const { expiresAt } = this.#identity
    if (!expiresAt) return
    const remaining = expiresAt.getTime() - Date.now()
    this.#expiry = setTimeout(
      () => (remaining > MAX_TIMER_MS ? this.#awaitExpiry() : this.#end(new ChatError('TOKEN_EXPIRED'))),
      Math.min(Math.max(remaining, 0), MAX_TIMER_MS),
    )
    this.#expiry.unref()
  }

  #rest(): void {
    clearTimeout(this.#expiry)
    this.#isAdmitted = false
    this.#unwatch?.then(
      (unwatch) => unwatch(),
      () => undefined,
    )
    this.#unwatch = undefined
  }

  #end(reason: ChatError): void {
    this.#ending.abort(reason)
  }
}
