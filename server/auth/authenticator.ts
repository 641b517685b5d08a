import type { TokenRole } from '../../shared/user.ts'
import { ChatError } from '../errors/chat-error.ts'
import type { CallSource, Context, Services, Session } from '../rpc/context.ts'
import type { ConnectionParams } from '../transport/connection-context.ts'
import type { Admission } from '../transport/transport-options.ts'
import { DEFAULT_TENANT, type TokenVerifier } from './token-verifier.ts'
import { type SessionIdentity, UserSession } from './user-session.ts'

/** Creates the context of a call from the caller's credentials. */
export class Authenticator {
  readonly #services: Services
  readonly #verifier: TokenVerifier

  constructor(services: Services, verifier: TokenVerifier) {
    this.#services = services
    this.#verifier = verifier
  }

  /** Admits a WebSocket. Its session is held and its user online while it is open. @throws ChatError if the token is refused */
  async admitConnection(token: string | undefined, source: CallSource): Promise<Admission<Context>> {
    if (!token) throw new ChatError('UNAUTHENTICATED')
    const session = this.#session(await this.#verifier.verify(token))
    const releaseSession = await this.#available(() => session.hold())
    const disconnect = this.#services.presence.connect(session.tenantId, session.userId)
    const release = () => {
      disconnect()
      releaseSession()
    }
    return { context: { services: this.#services, source, session }, signal: session.signal, release }
  }

  /**
   * The context of a request: by its bearer token, or by `connectionParams` because an EventSource can't send headers. Anonymous
   * without a token.
   */
  async contextOfRequest(
    authorization: string | undefined,
    params: ConnectionParams,
    source: CallSource,
  ): Promise<Context> {
    const token = authorization?.match(/^Bearer (\S+)$/i)?.[1] ?? params?.['token']
    if (!token) {
      if (authorization) throw new ChatError('TOKEN_INVALID')
      return { services: this.#services, source, session: null }
    }
    return { services: this.#services, source, session: this.#session(await this.#verifier.verify(token)) }
  }

  contextOfCaller({
    userId,
    tenant = DEFAULT_TENANT,
    role = 'user',
  }: {
    userId: string
    tenant?: string
    role?: TokenRole
  }): Context & { session: Session } {
    const identity: SessionIdentity = {
      origin: 'process',
      tenantId: tenant,
      userId,
      role,
      name: undefined,
      pictureUrl: undefined,
      expiresAt: null,
    }
    return { services: this.#services, session: this.#session(identity) }
  }

  #session(identity: SessionIdentity): UserSession {
    const { users, userWatch } = this.#services
    return new UserSession({ verifier: this.#verifier, users, userWatch }, identity)
  }

  /** A database that is away must not make the client give up for good. */
  async #available<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ChatError) throw error
      throw new ChatError('UNAVAILABLE', { cause: error })
    }
  }
}
