import type { ChatError } from '../errors/chat-error.ts'
import { isLiveStream, type LiveSink, type LiveStream, liveStream } from '../transport/live-stream.ts'
import type { Session } from './context.ts'
import type { Begun, OpenStream } from './open-streams.ts'

export interface StreamOwner {
  session: Session
  /** Aborts when the server stops. */
  stopping: AbortSignal
  /** Counts the stream among those of its user. */
  counted: OpenStream
  /** Called when the stream is asked for events. What it returns is called when the stream is over. */
  onOpen: () => () => void
  toChatError: (error: unknown) => ChatError
}

/**
 * Wraps the stream of a subscription: it waits for its turn to begin, which lasts until its first event, and holds its session.
 * Its failures become ChatErrors as those of calls do. If it stopped because the session did (an expired or revoked token, a ban)
 * or because the server stops, it fails with that reason. A result that is no stream passes through.
 */
export function sessionStream(stream: unknown, owner: StreamOwner): unknown {
  if (!isAsyncIterable(stream)) {
    owner.counted.close()
    return stream
  }
  const iterate = () => iterated(stream, new StreamRun(owner))
  return isLiveStream(stream) ? liveStream((sink) => attached(stream, sink, new StreamRun(owner)), iterate) : iterate()
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

async function attached(stream: LiveStream<unknown, unknown>, sink: LiveSink<unknown>, run: StreamRun): Promise<void> {
  try {
    if (await run.begin()) {
      sink.onFirst((event) => run.onEvent(event.data))
      await stream.attach(sink)
    }
    run.throwIfEnded()
  } catch (error) {
    throw run.explain(error)
  } finally {
    run.end()
  }
}

async function* iterated(stream: AsyncIterable<unknown>, run: StreamRun): AsyncGenerator<unknown, void> {
  try {
    if (await run.begin()) {
      for await (const event of stream) {
        run.onEvent(event)
        yield event
      }
    }
    run.throwIfEnded()
  } catch (error) {
    throw run.explain(error)
  } finally {
    run.end()
  }
}

/** One stream, from the moment when it is asked for events until it is over. */
class StreamRun {
  readonly #owner: StreamOwner
  #onEnd: (() => void) | undefined
  /** Passes the turn on; undefined once the first event has. */
  #endTurn: Begun | undefined
  #releaseSession: (() => void) | undefined

  constructor(owner: StreamOwner) {
    this.#owner = owner
  }

  /**
   * Resolves with whether it may begin; false if it ended while it waited. @throws ChatError RATE_LIMITED; why the session ended
   */
  async begin(): Promise<boolean> {
    const { counted, session, onOpen } = this.#owner
    this.#onEnd = onOpen()
    this.#endTurn = await counted.turn()
    if (!this.#endTurn) return false
    this.#releaseSession = await session.hold()
    return true
  }

  /** Only the first event counts: it ends the turn. */
  onEvent(event: unknown): void {
    this.#endTurn?.(event)
    this.#endTurn = undefined
  }

  /**
   * The error of a failed stream. If the session has ended or the server stops, that is the reason, whatever else failed with it.
   */
  explain(error: unknown): unknown {
    const { session, stopping, toChatError } = this.#owner
    if (session.signal.aborted) return session.signal.reason
    return stopping.aborted ? stopping.reason : toChatError(error)
  }

  throwIfEnded(): void {
    const { session, stopping } = this.#owner
    session.signal.throwIfAborted()
    stopping.throwIfAborted()
  }

  end(): void {
    this.#endTurn?.()
    this.#onEnd?.()
    this.#releaseSession?.()
    this.#owner.counted.close()
  }
}
