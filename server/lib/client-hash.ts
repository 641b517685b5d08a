import { hash } from 'node:crypto'
import { ChatError } from '../errors/chat-error.ts'

/*
 * A call with a `clientId` is made once: a repetition gets what the first one made. What was made keeps a hash of what was asked for, so
 * that another call with the same `clientId` is told apart.
 */

/** Of everything that was asked for but the clientId: the same bytes for the same request. */
export const clientHash = (asked: unknown): Buffer => hash('sha256', JSON.stringify(asked), 'buffer')

/** @throws ChatError CLIENT_ID_REUSED where what was made was asked for otherwise */
export function assertSameRequest(made: Buffer | null, asked: Buffer): void {
  if (!made?.equals(asked)) throw new ChatError('CLIENT_ID_REUSED')
}
