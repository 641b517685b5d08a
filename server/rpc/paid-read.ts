import { userKey } from '../lib/keys.ts'
import type { Services, Session } from './context.ts'
import { isCounted } from './rate-limits.ts'

/**
 * A read for a stream that has begun and counts as a query of its user: it waits in their turns, pays for what was read before and is
 * charged. @throws ChatError RATE_LIMITED; the signal's reason
 */
export async function paidRead<T>(
  { queryTurns, rateLimits }: Pick<Services, 'queryTurns' | 'rateLimits'>,
  session: Session,
  signal: AbortSignal,
  read: () => Promise<T>,
): Promise<T> {
  if (!isCounted(session)) return read()
  const endTurn = await queryTurns?.take(userKey(session), signal)
  let paid: (() => void) | undefined
  try {
    paid = await rateLimits?.payOff(session, signal)
    const answer = await read()
    await rateLimits?.chargeInTurn(session, answer, signal)
    return answer
  } finally {
    paid?.()
    endTurn?.()
  }
}
