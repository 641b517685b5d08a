import { LiveEvent, type LiveSink, type LiveStream, liveStream } from '../../server/transport/live-stream.ts'

/** A live stream without a past: whoever is attached gets what is published. */
export class Broadcast {
  readonly sinks = new Set<LiveSink<unknown>>()
  #changed = Promise.withResolvers<void>()

  stream(): LiveStream<unknown, unknown> {
    return liveStream(
      async (sink) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        this.sinks.add(sink)
        this.#tell()
        sink.signal.addEventListener('abort', () => resolve(), { once: true })
        await promise
        this.sinks.delete(sink)
        this.#tell()
      },
      () => {
        throw new Error('Iterated, not attached')
      },
    )
  }

  publish(event: LiveEvent): void {
    for (const sink of this.sinks) sink.send(event)
  }

  say(data: unknown, id?: string): void {
    this.publish(new LiveEvent(data, id))
  }

  /** Resolves when so many are attached. */
  async attached(count: number): Promise<void> {
    while (this.sinks.size !== count) await this.#changed.promise
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
