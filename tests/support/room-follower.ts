import type { App } from '../../server/app.ts'
import { applyRoomEvent, type RoomEvent, RoomGapError, type RoomState } from '../../shared/index.ts'

type RoomCaller = ReturnType<App['createCaller']>
type ConnectCaller = (signal: AbortSignal) => RoomCaller

/** A client as a frontend would be: a snapshot, then its events folded, across as many streams as it takes. */
export class RoomFollower {
  readonly seen = new Set<RoomEvent['type']>()
  readonly #connect: ConnectCaller
  readonly #roomId: string
  #state: RoomState | undefined
  #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #changed = Promise.withResolvers<void>()
  /** Why the latest stream ended, where it failed. */
  failure: unknown

  constructor(connect: ConnectCaller, roomId: string) {
    this.#connect = connect
    this.#roomId = roomId
  }

  get state(): RoomState {
    if (!this.#state) throw new Error('The follower has no snapshot yet')
    return this.#state
  }

  /** Takes a snapshot where there is none, and goes on from its own position. */
  async connect(): Promise<void> {
    this.#stop = new AbortController()
    if (this.failure !== undefined) this.#changed = Promise.withResolvers()
    this.failure = undefined
    const caller = this.#connect(this.#stop.signal)
    this.#state ??= await caller.room.snapshot({ roomId: this.#roomId, messages: 100 })
    this.#running = this.#follow(caller).catch((error: unknown) => {
      this.failure = error
      this.#changed.resolve()
    })
  }

  async disconnect(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** Resolves when the folded state has reached this position. */
  async reaches(position: string): Promise<void> {
    while (this.state.position !== position) {
      if (this.failure) throw this.failure
      await this.#changed.promise
    }
  }

  async #follow(caller: RoomCaller): Promise<void> {
    const events = await caller.room.onEvent({ roomId: this.#roomId, lastEventId: this.state.position })
    for await (const { data: event } of events) {
      this.seen.add(event.type)
      await this.#fold(caller, event)
      this.#changed.resolve()
      this.#changed = Promise.withResolvers()
    }
  }

  async #fold(caller: RoomCaller, event: RoomEvent): Promise<void> {
    try {
      this.#state = applyRoomEvent(this.state, event)
    } catch (error) {
      if (!(error instanceof RoomGapError) || event.type !== 'reset') throw error
      this.#state = await caller.room.snapshot({ roomId: this.#roomId, messages: 100 })
    }
  }
}
