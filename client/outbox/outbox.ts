import type { ChatClient, RoomState } from '../../shared/index.ts'
import { type ChatFailure, toChatFailure } from '../store/chat-failure.ts'
import { Store } from '../store/observable-store.ts'
import type { KeptMessage, OutboxEntry, OutgoingMessage } from './outbox-entry.ts'
import { defaultOutboxStorage, type OutboxStorage } from './outbox-storage.ts'
import { retryPause, Wakeable } from './retry-pause.ts'
import { type RunAlone, runAlone } from './run-alone.ts'

export interface OutboxOptions {
  /** Names the outbox: one per server, tenant and user. Outboxes of several tabs with the same name and storage act as one. */
  name: string
  /** `localStorage` in a browser, memory elsewhere. */
  storage?: OutboxStorage
  /** The outbox gives a message up if the server asks it to wait longer than this. Default: 60 s. */
  patienceMs?: number
  /** For runtimes with locks of their own. Default: the Web Locks API, if there is one. */
  runAlone?: RunAlone
}

/** The most unsent messages that the outbox holds. It refuses more. */
const MAX_UNSENT = 200
/** The most sent messages that it holds until a room's log shows them. The oldest are dropped first. */
const MAX_SENT = 50
/** The server recognizes a repetition for at least 30 days. Long before that, a person decides whether to send the message. */
const STALE_MS = 7 * 24 * 3_600_000
const STALE: ChatFailure = {
  reason: null,
  message: 'Unable to send by itself; it was written more than 7 days ago',
  retryAfterMs: null,
  issues: [],
}

/** The outbox is full of unsent messages and takes no more. */
export class OutboxFullError extends Error {
  override readonly name = 'OutboxFullError'
}

/**
 * The outgoing messages of all rooms. Each message is stored before it is sent, until the server has answered. A reload, a crash
 * or a day offline neither loses nor doubles a message, because it keeps its `clientId`. The messages of one room are sent one
 * after the other, in the order of writing. One tab at a time sends them.
 *
 * The outbox works between `start` and `stop`. Messages written earlier are sent at the start.
 */
export class Outbox {
  /** In the order of writing. */
  readonly entries: Store<readonly OutboxEntry[]> = new Store<readonly OutboxEntry[]>([])
  readonly #client: ChatClient
  readonly #name: string
  readonly #storage: OutboxStorage
  readonly #patienceMs: number
  readonly #runAlone: RunAlone
  readonly #pauses = new Wakeable()
  /** Rooms whose messages are being sent, or wait for their turn. */
  readonly #draining = new Set<string>()
  /** Messages that the storage did not take. */
  readonly #unkept = new Set<string>()
  #running: AbortController | undefined
  #lastWrittenAt = 0

  constructor(client: ChatClient, { name, storage, patienceMs = 60_000, ...options }: OutboxOptions) {
    this.#client = client
    this.#name = name
    this.#storage = storage ?? defaultOutboxStorage(name)
    this.#patienceMs = patienceMs
    this.#runAlone = options.runAlone ?? runAlone
  }

  /** Loads the stored messages and starts sending. */
  start(): void {
    if (this.#running) return
    const running = new AbortController()
    this.#running = running
    const unwatch = [
      this.#storage.subscribe(() => this.#synchronize()),
      this.#client.connection.subscribe(({ status }) => status === 'open' && this.#pauses.wake()),
    ]
    running.signal.addEventListener('abort', () => unwatch.forEach((end) => end()))
    this.#synchronize()
  }

  /** Stops sending. Unsent messages stay stored. */
  stop(): void {
    this.#running?.abort()
    this.#running = undefined
  }

  /**
   * Takes a message and sends it as soon as possible.
   *
   * @throws {OutboxFullError} if 200 messages already wait.
   */
  send(roomId: string, message: OutgoingMessage): OutboxEntry {
    const entries = this.entries.get()
    if (entries.filter(({ phase }) => phase !== 'sent').length >= MAX_UNSENT) {
      throw new OutboxFullError(`Unable to take more messages; ${MAX_UNSENT} wait to be sent`)
    }
    const writtenAt = this.#now()
    const kept = { clientId: crypto.randomUUID(), roomId, message, writtenAt, failure: null }
    const entry: OutboxEntry = { ...kept, phase: 'waiting', seq: 0, heldUntil: 0 }
    this.#keep(kept)
    this.#set([...entries, entry])
    this.#drain(roomId)
    return entry
  }

  /** Sends a message again that was given up. It becomes the latest of its room, because later ones have been sent meanwhile. */
  retry(clientId: string): void {
    const entry = this.#find(clientId)
    if (entry?.phase !== 'failed') return
    this.#change(clientId, { phase: 'waiting', failure: null, writtenAt: this.#now() })
    this.#drain(entry.roomId)
  }

  /** Forgets a message. A message that is being sent at this moment may still arrive. */
  discard(clientId: string): void {
    this.#forget(clientId)
    this.#set(this.entries.get().filter((entry) => entry.clientId !== clientId))
    this.#pauses.wake()
  }

  /** Drops sent messages that a room's state contains: those up to the state's position, and those that it shows. */
  settle({ room, messages }: RoomState): void {
    const isSettled = (entry: OutboxEntry) =>
      entry.roomId === room.id &&
      ((entry.phase === 'sent' && entry.seq <= room.lastSeq) ||
        messages.some(({ clientId }) => clientId === entry.clientId))
    const settled = this.entries.get().filter(isSettled)
    if (settled.length === 0) return
    for (const { clientId } of settled) this.#forget(clientId)
    this.#set(this.entries.get().filter((entry) => !settled.includes(entry)))
  }

  #drain(roomId: string) {
    const signal = this.#running?.signal
    if (!signal || this.#draining.has(roomId)) return
    this.#draining.add(roomId)
    const work = () => this.#sendAll(roomId, signal)
    void this.#runAlone(`${this.#name}/${roomId}`, signal, work).finally(() => {
      this.#draining.delete(roomId)
      if (this.#next(roomId)) this.#drain(roomId)
    })
  }

  async #sendAll(roomId: string, signal: AbortSignal) {
    // Another tab may have sent or discarded the messages that waited here.
    this.#synchronize()
    let attempt = 0
    for (let entry = this.#next(roomId); entry && !signal.aborted; entry = this.#next(roomId)) {
      const failure = await this.#deliver(entry)
      if (!failure) attempt = 0
      else await this.#afterFailure(entry, failure, attempt++, signal)
    }
  }

  async #deliver({ roomId, clientId, message }: OutboxEntry): Promise<ChatFailure | undefined> {
    this.#change(clientId, { phase: 'sending', heldUntil: 0 })
    try {
      const { seq } = await this.#client.message.send.mutate({ ...message, roomId, clientId })
      this.#forget(clientId)
      this.#change(clientId, { phase: 'sent', seq })
      return undefined
    } catch (error) {
      return toChatFailure(error)
    }
  }

  async #afterFailure({ clientId }: OutboxEntry, failure: ChatFailure, attempt: number, signal: AbortSignal) {
    const isOver = signal.aborted || this.#isRefused
    const pause = isOver ? 0 : retryPause(failure, attempt, this.#patienceMs)
    if (pause === undefined) return this.#change(clientId, { phase: 'failed', failure })
    const isHeld = !isOver && failure.retryAfterMs !== null
    this.#change(clientId, { phase: 'waiting', heldUntil: isHeld ? Date.now() + pause : 0 })
    if (!isOver) await this.#pauses.pause(pause, signal)
  }

  /** The client has ended, or the server has refused it for good. Waiting messages are left for the next client. */
  get #isRefused(): boolean {
    return this.#client.connection.state.status === 'closed'
  }

  #next(roomId: string): OutboxEntry | undefined {
    if (this.#isRefused) return undefined
    return this.entries.get().find((entry) => entry.roomId === roomId && entry.phase === 'waiting')
  }

  /** Takes over changes in the storage; other tabs write there too. */
  #synchronize() {
    const stored = new Map(this.#stored().map((kept) => [kept.clientId, kept]))
    const ours = this.entries.get().filter(({ clientId, phase }) => {
      return phase === 'sending' || phase === 'sent' || this.#unkept.has(clientId) || stored.has(clientId)
    })
    const known = new Set(ours.map(({ clientId }) => clientId))
    const taken = [...stored.values()].filter(({ clientId }) => !known.has(clientId)).map(adopt)
    const told = ours.map((entry) => {
      const kept = stored.get(entry.clientId)
      const isSame = !kept || entry.phase === 'sending' || entry.phase === 'sent' || isSameState(kept, entry)
      return isSame ? entry : adopt(kept)
    })
    this.#set([...told, ...taken])
    for (const roomId of new Set(this.entries.get().map((entry) => entry.roomId))) {
      if (this.#next(roomId)) this.#drain(roomId)
    }
  }

  #stored(): KeptMessage[] {
    try {
      return this.#storage.load()
    } catch {
      return []
    }
  }

  #keep(kept: KeptMessage) {
    try {
      this.#storage.keep(kept)
      this.#unkept.delete(kept.clientId)
    } catch {
      this.#unkept.add(kept.clientId)
    }
  }

  #forget(clientId: string) {
    this.#unkept.delete(clientId)
    try {
      this.#storage.remove(clientId)
    } catch {
      // A message that can't be removed is sent once more after a reload. The server recognizes its clientId.
    }
  }

  #change(clientId: string, fields: Partial<OutboxEntry>) {
    const entry = this.#find(clientId)
    if (!entry) return
    const next = { ...entry, ...fields }
    const { phase: _, seq: __, heldUntil: ___, ...kept } = next
    if (next.failure !== entry.failure || next.writtenAt !== entry.writtenAt) this.#keep(kept)
    this.#set(this.entries.get().map((each) => (each === entry ? next : each)))
  }

  #set(entries: readonly OutboxEntry[]) {
    const sent = entries.filter(({ phase }) => phase === 'sent')
    const dropped = new Set(sent.slice(0, Math.max(0, sent.length - MAX_SENT)))
    this.entries.set(entries.filter((entry) => !dropped.has(entry)).sort((a, b) => a.writtenAt - b.writtenAt))
  }

  #find(clientId: string): OutboxEntry | undefined {
    return this.entries.get().find((entry) => entry.clientId === clientId)
  }

  #now(): number {
    this.#lastWrittenAt = Math.max(Date.now(), this.#lastWrittenAt + 1)
    return this.#lastWrittenAt
  }
}

/** A stored message as an entry. One that has been stored for too long is given up. */
function adopt(kept: KeptMessage): OutboxEntry {
  const isStale = Date.now() - kept.writtenAt > STALE_MS
  const failure = kept.failure ?? (isStale ? STALE : null)
  return { ...kept, failure, phase: failure ? 'failed' : 'waiting', seq: 0, heldUntil: 0 }
}

const isSameState = (kept: KeptMessage, entry: KeptMessage) =>
  kept.writtenAt === entry.writtenAt && (kept.failure === null) === (entry.failure === null)
