import { isLiveStream, liveStream } from '../transport/live-stream.ts'
import type { ChatError } from './chat-error.ts'
import type { Session } from './context.ts'

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

export interface StreamOwner {
  session: Session
  stopping: AbortSignal
  explain: (error: unknown) => ChatError
  /** Called when the stream begins, and what it returns when it is over. */
  opened: () => () => void
}

/**
 * A subscription's stream whose failures are explained as those of calls are, and which says why where it stopped because the
 * session did (an expired or revoked token, a ban) or the server. Anything that is not a stream passes through.
 */
export function sessionStream(stream: unknown, owner: StreamOwner): unknown {
  if (!isAsyncIterable(stream)) return stream
  const iterate = () => explained(stream, owner)
  if (!isLiveStream(stream)) return iterate()
  return liveStream((sink) => attached(() => stream.attach(sink), owner), iterate)
}

async function attached(attach: () => Promise<void>, owner: StreamOwner): Promise<void> {
  const { session, explain, opened } = owner
  const release = await session.hold()
  const closed = opened()
  try {
    await attach()
    throwIfEnded(owner)
  } catch (error) {
    throwIfEnded(owner)
    throw explain(error)
  } finally {
    closed()
    release()
  }
}

async function* explained(stream: AsyncIterable<unknown>, owner: StreamOwner): AsyncGenerator<unknown, void> {
  const { session, explain, opened } = owner
  const closed = opened()
  let release: (() => void) | undefined
  try {
    release = await session.hold()
    yield* stream
    throwIfEnded(owner)
  } catch (error) {
    throwIfEnded(owner)
    throw explain(error)
  } finally {
    closed()
    release?.()
  }
}

/** Whatever else failed with it: the reason is that the session has ended, or the server stops. */
function throwIfEnded({ session, stopping }: StreamOwner): void {
  session.signal.throwIfAborted()
  stopping.throwIfAborted()
}
