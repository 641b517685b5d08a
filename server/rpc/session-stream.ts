import type { ChatError } from '../errors/chat-error.ts'
import { isLiveStream, type LiveEvent, type LiveSink, type LiveStream, liveStream } from '../transport/live-stream.ts'
import type { Session } from './context.ts'
import type { Begun, OpenStream } from './open-streams.ts'

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

export interface StreamOwner {
  session: Session
  stopping: AbortSignal
  explain: (error: unknown) => ChatError
  /** Its place among the user's streams. */
  place: OpenStream
  /** Called when the stream begins, and what it returns when it is over. */
  opened: () => () => void
}

/**
 * A subscription's stream that waits for its turn to begin, up to its first event. Its failures are explained as those of calls are, and
 * it says why where it stopped because the session did (an expired or revoked token, a ban) or the server. Anything that is not a stream
 * passes through.
 */
export function sessionStream(stream: unknown, owner: StreamOwner): unknown {
  if (!isAsyncIterable(stream)) {
    owner.place.close()
    return stream
  }
  const iterate = () => explained(stream, owner)
  return isLiveStream(stream) ? liveStream((sink) => attached(stream, sink, owner), iterate) : iterate()
}

async function attached(
  stream: LiveStream<unknown, unknown>,
  sink: LiveSink<unknown>,
  owner: StreamOwner,
): Promise<void> {
  const { session, explain, opened, place } = owner
  const closed = opened()
  let begun: Begun | undefined
  let release: (() => void) | undefined
  try {
    begun = await place.turn()
    if (!begun) return throwIfEnded(owner)
    release = await session.hold()
    await stream.attach(new BeginningSink(sink, beginning(begun)))
    throwIfEnded(owner)
  } catch (error) {
    throwIfEnded(owner)
    throw explain(error)
  } finally {
    begun?.()
    closed()
    release?.()
    place.close()
  }
}

async function* explained(stream: AsyncIterable<unknown>, owner: StreamOwner): AsyncGenerator<unknown, void> {
  const { session, explain, opened, place } = owner
  const closed = opened()
  let begun: Begun | undefined
  let release: (() => void) | undefined
  try {
    begun = await place.turn()
    if (!begun) return throwIfEnded(owner)
    release = await session.hold()
    const begin = beginning(begun)
    for await (const event of stream) {
      begin(event)
      yield event
    }
    throwIfEnded(owner)
  } catch (error) {
    throwIfEnded(owner)
    throw explain(error)
  } finally {
    begun?.()
    closed()
    release?.()
    place.close()
  }
}

/** Gets every event. The first one marks the beginning of the stream. */
function beginning(begun: Begun): (event: unknown) => void {
  let isFirst = true
  return (event) => {
    if (isFirst) begun(event)
    isFirst = false
  }
}

/** A sink that reports each event before it passes it on. */
class BeginningSink implements LiveSink<unknown> {
  readonly #sink: LiveSink<unknown>
  readonly #begin: (event: unknown) => void

  constructor(sink: LiveSink<unknown>, begin: (event: unknown) => void) {
    this.#sink = sink
    this.#begin = begin
  }

  get signal(): AbortSignal {
    return this.#sink.signal
  }

  send(event: LiveEvent): boolean {
    this.#begin(event.data)
    return this.#sink.send(event)
  }

  drained(): Promise<void> {
    return this.#sink.drained()
  }
}

/** Whatever else failed with it: the reason is that the session has ended, or the server stops. */
function throwIfEnded({ session, stopping }: StreamOwner): void {
  session.signal.throwIfAborted()
  stopping.throwIfAborted()
}
