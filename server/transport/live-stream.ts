/** An event that many subscribers get: serialized once, whoever asks first, and sent as the same bytes to all. */
export class LiveEvent<T = unknown> {
  readonly data: T
  /** From which a client resumes; undefined for what is not tracked. */
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
   * Sends one event; false where the connection now has more queued than a replay should add to. A live event is sent all the same,
   * a replay waits for `drained` first: before its first event too, as it may be one of many that begin at once.
   */
  send(event: LiveEvent<T>): boolean
  /** Resolves when the queue has gone down, at once where it is not full, or when the signal aborts. */
  drained(): Promise<void>
}

const LIVE = Symbol.for('confab.LiveStream')

/**
 * What a subscription may return in place of a generator: an async iterable that this transport serves by `attach`, without a
 * promise for each event and subscriber. Elsewhere (in process, over server-sent events) it is iterated as any other.
 */
export interface LiveStream<T, TIterated = T> extends AsyncIterable<TIterated, void> {
  readonly [LIVE]: true
  /**
   * Serves the sink: first what lies behind, at the connection's pace, then what happens. Resolves when the stream is complete or the
   * sink's signal has aborted, rejects when it fails. Called at most once, and never on a stream that is iterated.
   */
  attach(sink: LiveSink<T>): Promise<void>
}

export const isLiveStream = (value: unknown): value is LiveStream<unknown, unknown> =>
  typeof value === 'object' && value !== null && LIVE in value && value[LIVE] === true

/** Makes a live stream of its two ways of being served. */
export const liveStream = <T, TIterated>(
  attach: (sink: LiveSink<T>) => Promise<void>,
  iterate: () => AsyncIterator<TIterated, void>,
): LiveStream<T, TIterated> => ({ [LIVE]: true, attach, [Symbol.asyncIterator]: iterate })
