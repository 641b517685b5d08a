import type { ChatClient, RoomEvent } from '../../shared/index.ts'

/** The events of one subscription over a socket, as they come in, and ways to wait for them. */
export class EventLog {
  readonly events: RoomEvent[] = []
  readonly positions: string[] = []
  #changed = Promise.withResolvers<void>()
  /** Why the subscription ended, where it failed. */
  failure: unknown
  isComplete = false
  readonly #stop: () => void

  constructor(client: ChatClient, roomId: string, lastEventId?: string) {
    const subscription = client.room.onEvent.subscribe(
      { roomId, lastEventId },
      {
        onData: ({ id, data }) => {
          this.events.push(data)
          this.positions.push(id)
          this.#tell()
        },
        onError: (error) => {
          this.failure = error
          this.#tell()
        },
        onComplete: () => {
          this.isComplete = true
          this.#tell()
        },
      },
    )
    this.#stop = () => subscription.unsubscribe()
  }

  stop(): void {
    this.#stop()
  }

  /** Resolves when `isThere` holds; the test's own time limit is the bound. */
  async until(isThere: (log: EventLog) => boolean): Promise<this> {
    while (!isThere(this)) await this.#changed.promise
    return this
  }

  /** Contents of the messages that were created, in order of arrival. */
  get contents(): string[] {
    return this.events.flatMap((event) => (event.type === 'message.created' ? [event.message.content] : []))
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

/** What breaks the interval rule: an event that does not follow from the one before it. */
export function gaps(events: RoomEvent[]): RoomEvent[] {
  let at: number | undefined
  return events.filter((event) => {
    if (event.type === 'reset') {
      at = event.seq
      return false
    }
    const isNext = at === undefined || event.type === 'ready' || (event.prev <= at && at < event.seq)
    at = event.seq
    return !isNext
  })
}
