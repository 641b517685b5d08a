import {
  applyRoomEvent,
  type ChatClient,
  type Message,
  type RoomEvent,
  RoomGapError,
  type RoomState,
} from '../../../shared/index.ts'
import { keepSubscribed } from '../store/keep-subscribed.ts'
import { Store } from '../store/observable-store.ts'
import { canPass, errorSentence, reasonOf } from '../ui/error-sentence.ts'
import { OlderMessages, type OlderPhase } from './older-messages.ts'

/**
 * loading -> open or failed (from where `load` tries again). From anywhere to gone: not a member any more, or no such room.
 */
export type LiveRoomState =
  | { phase: 'loading' }
  | { phase: 'failed'; sentence: string }
  | { phase: 'gone'; sentence: string }
  | { phase: 'open'; state: RoomState; older: OlderPhase }

const SNAPSHOT_MESSAGES = 50
/** A long-lived window at the newest message keeps this many; what is dropped can be scrolled back to. */
const KEPT_MESSAGES = 300
const TRIM_ABOVE = 500
const RELOAD_PAUSE_MS = 2_000

/** One room, live: a snapshot, the stream from its position on, and older messages as far as somebody scrolled back. */
export class LiveRoom {
  readonly state = new Store<LiveRoomState>({ phase: 'loading' })
  readonly #client: ChatClient
  readonly #roomId: string
  readonly #older: OlderMessages
  #stopStream: () => void = () => undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Each load has a number; answers to an earlier one are dropped. */
  #load = 0

  constructor(client: ChatClient, roomId: string) {
    this.#client = client
    this.#roomId = roomId
    this.#older = new OlderMessages(client, roomId)
  }

  /** Takes a snapshot and follows the room from there. What is shown stays until the snapshot is here. */
  async load() {
    const load = ++this.#load
    this.#stopStream()
    clearTimeout(this.#timer)
    if (this.state.get().phase === 'failed') this.state.set({ phase: 'loading' })
    try {
      const state = await this.#client.room.snapshot.query({ roomId: this.#roomId, messages: SNAPSHOT_MESSAGES })
      if (load !== this.#load) return
      this.#older.reset(state.messages.length >= SNAPSHOT_MESSAGES)
      this.state.set({ phase: 'open', state, older: this.#older.phase })
      this.#follow()
    } catch (error) {
      if (load === this.#load) this.#fail(error)
    }
  }

  stop() {
    this.#load++
    this.#stopStream()
    clearTimeout(this.#timer)
  }

  async loadOlder() {
    await this.#older.load(
      () => this.#messages()[0],
      () => this.#change((state) => state),
      (messages) => this.#change((state) => ({ ...state, messages: [...messages, ...state.messages] })),
    )
  }

  /** Drops what lies far back, for as long as nobody looks at it. */
  trim() {
    if (this.#messages().length <= TRIM_ABOVE || this.#older.phase === 'loading') return
    this.#older.reset(true)
    this.#change((state) => ({ ...state, messages: state.messages.slice(-KEPT_MESSAGES) }))
  }

  #follow() {
    this.#stopStream = keepSubscribed(
      ({ onError, onComplete }) =>
        this.#client.room.onEvent.subscribe(
          { roomId: this.#roomId, lastEventId: this.#position() },
          { onData: ({ data }) => this.#take(data), onError, onComplete },
        ),
      (error) => this.#fail(error),
    )
  }

  #take(event: RoomEvent) {
    try {
      if ('message' in event) this.#older.note(event.message)
      this.#change((state) => applyRoomEvent(state, event))
      if (event.type === 'room.deleted') this.#end('This room has been deleted.')
    } catch (error) {
      if (!(error instanceof RoomGapError)) throw error
      void this.load()
    }
  }

  #fail(error: unknown) {
    const reason = reasonOf(error)
    if (reason === 'NOT_A_MEMBER') return this.#end('You are no longer a member of this room.')
    if (reason === 'NOT_FOUND') return this.#end('This room does not exist, or it is not yours to see.')
    if (this.state.get().phase !== 'open') return this.state.set({ phase: 'failed', sentence: errorSentence(error) })
    if (canPass(error)) this.#timer = setTimeout(() => void this.load(), RELOAD_PAUSE_MS)
    else this.state.set({ phase: 'failed', sentence: errorSentence(error) })
  }

  #end(sentence: string) {
    this.stop()
    this.state.set({ phase: 'gone', sentence })
  }

  #position(): string | undefined {
    const shown = this.state.get()
    return shown.phase === 'open' ? shown.state.position : undefined
  }

  #messages(): readonly Message[] {
    const shown = this.state.get()
    return shown.phase === 'open' ? shown.state.messages : []
  }

  #change(update: (state: RoomState) => RoomState) {
    const shown = this.state.get()
    if (shown.phase !== 'open') return
    const state = update(shown.state)
    if (state !== shown.state || this.#older.phase !== shown.older) {
      this.state.set({ phase: 'open', state, older: this.#older.phase })
    }
  }
}
