import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { ChatError } from './chat-error.ts'
import type { Session } from './context.ts'

interface Limit {
  /** Calls of one user. */
  calls: number
  /** In so many seconds, from the first of them on. */
  perSeconds: number
}

/** How often one user may call what; a procedure that is not named has the limit of its kind. Subscriptions are bounded by the transport. */
export const RATE_LIMITS = {
  'message.send': { calls: 60, perSeconds: 10 },
  'typing.set': { calls: 30, perSeconds: 10 },
  'room.create': { calls: 30, perSeconds: 60 },
  'room.direct': { calls: 60, perSeconds: 60 },
  'member.add': { calls: 60, perSeconds: 60 },
  'user.list': { calls: 60, perSeconds: 10 },
  'room.discover': { calls: 60, perSeconds: 10 },
  'auth.refresh': { calls: 30, perSeconds: 60 },
  mutation: { calls: 200, perSeconds: 10 },
  query: { calls: 500, perSeconds: 10 },
} as const satisfies Record<string, Limit>

type Kind = keyof typeof RATE_LIMITS

const isKind = (name: string): name is Kind => name in RATE_LIMITS

/** Counts calls by user and kind, in the memory of this process. Services and callers in process are not counted. */
export class RateLimits {
  readonly #limiters = new Map<Kind, RateLimiterMemory>()

  constructor(limits: Record<Kind, Limit> = RATE_LIMITS) {
    for (const [kind, { calls, perSeconds }] of Object.entries(limits)) {
      if (isKind(kind)) this.#limiters.set(kind, new RateLimiterMemory({ points: calls, duration: perSeconds }))
    }
  }

  /** @throws ChatError RATE_LIMITED with the time to wait */
  async count(session: Session, path: string, type: string): Promise<void> {
    if (session.role === 'service' || session.expiresAt === null) return
    const limiter = this.#limiters.get(isKind(path) ? path : type === 'mutation' ? 'mutation' : 'query')
    if (!limiter || type === 'subscription') return
    try {
      await limiter.consume(JSON.stringify([session.tenantId, session.userId]))
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      throw new ChatError('RATE_LIMITED', { retryAfterMs: Math.max(1, error.msBeforeNext) })
    }
  }
}
