import { hash } from 'node:crypto'
import { ChatError } from '../errors/chat-error.ts'

/*
 * A call with a `clientId` takes effect once: a repetition gets the first call's result. The result keeps a hash of the request,
 * which tells a different call with the same `clientId` apart.
 */

/** Hashes the request without its clientId: equal requests give equal bytes. */
export const clientHash = (asked: unknown): Buffer => hash('sha256', JSON.stringify(asked), 'buffer')

/** @throws ChatError CLIENT_ID_REUSED if the existing result came from another request */
export function assertSameRequest(made: Buffer | null, asked: Buffer): void {
  if (!made?.equals(asked)) throw new ChatError('CLIENT_ID_REUSED')
}
