/** An event that many subscribers get: it is serialized once, for the first of them, and sent as the same bytes to all. */
export class LiveEvent<T = unknown> {
  readonly data: T
  /** The position from which a client resumes; undefined for an event that is not tracked. */
  readonly id: string | undefined
  #encoded: string | undefined

  constructor(data: T, id?: string) {
    this.data = data
    this.id = id
  }

  /** What `encode` made of it the first time: bytes, as a string of one character each (latin1). */
  encoded(encode: (event: this) => string): string {
    return (this.#encoded ??= encode(this))
  }
}

/** One subscription on one connection. Everything that it is sent in one turn of the event loop leaves in one system call. */
export interface LiveSink<T> {
  /** Aborts when the client has unsubscribed or its connection is gone; nothing is sent after that. */
  readonly signal: AbortSignal
  /**
   * Sends one event. Returns false while more is queued on the connection than a replay should add to: a live event is sent all
   * the same, and a replay waits for `drained` before its next event. A replay waits before its first event too, as many can
   * begin at once.
   */
  send(event: LiveEvent<T>): boolean
  /** Resolves when the queue has gone down, at once if it is not full, or when the signal aborts. */
  drained(): Promise<void>
  /** Calls the listener once, with the first event, before it is sent. A later listener replaces an earlier one. */
  onFirst(listener: (event: LiveEvent<T>) => void): void
}

const LIVE = Symbol.for('confab.LiveStream')

/**
 * What a subscription may return in place of a generator: an async iterable that this transport serves by `attach`, without a
 * promise for each event and subscriber. Everywhere else, in process and over server-sent events, it is iterated like any other.
 */
export interface LiveStream<T, TIterated = T> extends AsyncIterable<TIterated, void> {
  readonly [LIVE]: true
  /**
   * Serves the sink: first the replay, at the connection's pace, then live events. Resolves when the stream is complete or the
   * sink's signal has aborted, rejects when it fails. It is called at most once, and never on a stream that is iterated.
   */
  attach(sink: LiveSink<T>): Promise<void>
}

export const isLiveStream = (value: unknown): value is LiveStream<unknown, unknown> =>
  typeof value === 'object' && value !== null && LIVE in value && value[LIVE] === true

/** Makes a live stream from the two ways to serve it. */
export const liveStream = <T, TIterated>(
  attach: (sink: LiveSink<T>) => Promise<void>,
  iterate: () => AsyncIterator<TIterated, void>,
): LiveStream<T, TIterated> => ({ [LIVE]: true, attach, [Symbol.asyncIterator]: iterate })
