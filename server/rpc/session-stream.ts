import { isLiveStream, liveStream } from '../transport/live-stream.ts'
import type { ChatError } from './chat-error.ts'
import type { Session } from './context.ts'

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/**
 * A subscription's stream whose failures are explained as those of calls are, and which says why where it stopped because the
 * session did (an expired or revoked token, a ban) or the server. Anything that is not a stream passes through.
 */
export function sessionStream(
  session: Session,
  stopping: AbortSignal,
  stream: unknown,
  explain: (error: unknown) => ChatError,
): unknown {
  if (!isAsyncIterable(stream)) return stream
  const iterate = () => explained(session, stopping, stream, explain)
  if (!isLiveStream(stream)) return iterate()
  return liveStream((sink) => attached(session, stopping, () => stream.attach(sink), explain), iterate)
}

async function attached(
  session: Session,
  stopping: AbortSignal,
  attach: () => Promise<void>,
  explain: (error: unknown) => ChatError,
): Promise<void> {
  const release = await session.hold()
  try {
    await attach()
    throwIfEnded(session, stopping)
  } catch (error) {
    throwIfEnded(session, stopping)
    throw explain(error)
  } finally {
    release()
  }
}

async function* explained(
  session: Session,
  stopping: AbortSignal,
  stream: AsyncIterable<unknown>,
  explain: (error: unknown) => ChatError,
): AsyncGenerator<unknown, void> {
  let release: (() => void) | undefined
  try {
    release = await session.hold()
    yield* stream
    throwIfEnded(session, stopping)
  } catch (error) {
    throwIfEnded(session, stopping)
    throw explain(error)
  } finally {
    release?.()
  }
}

/** Whatever else failed with it: the reason is that the session has ended, or the server stops. */
function throwIfEnded(session: Session, stopping: AbortSignal): void {
  session.signal.throwIfAborted()
  stopping.throwIfAborted()
}
