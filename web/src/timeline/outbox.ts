import type { ChatClient, Message, RoomState } from '../../../shared/index.ts'
import { Store } from '../store/observable-store.ts'
import { errorSentence } from '../ui/error-sentence.ts'

/**
 * sending -> sent -> gone from here, once the room's own log shows the message; sending -> failed, from where a retry leads back to
 * sending under the same clientId, by which the server knows a message that it already has.
 */
export interface OutboxEntry {
  clientId: string
  roomId: string
  content: string
  createdAt: Date
  phase: 'sending' | 'sent' | 'failed'
  /** With `failed`: why. */
  sentence: string
  /** With `sent`: where the message stands in the room's order. */
  seq: number
}

/** Messages on their way, of all rooms. Those of one room leave one after the other, so that they arrive in the order of writing. */
export class Outbox {
  readonly entries = new Store<readonly OutboxEntry[]>([])
  readonly #client: ChatClient
  readonly #tails = new Map<string, Promise<void>>()

  constructor(client: ChatClient) {
    this.#client = client
  }

  send(roomId: string, content: string) {
    const clientId = crypto.randomUUID()
    const entry: OutboxEntry = {
      clientId,
      roomId,
      content,
      createdAt: new Date(),
      phase: 'sending',
      sentence: '',
      seq: 0,
    }
    this.entries.update((entries) => [...entries, entry])
    this.#queue(entry)
  }

  retry(clientId: string) {
    const entry = this.entries.get().find((each) => each.clientId === clientId)
    if (entry?.phase !== 'failed') return
    this.#set(clientId, { phase: 'sending', sentence: '' })
    this.#queue(entry)
  }

  discard(clientId: string) {
    this.entries.update((entries) => entries.filter((entry) => entry.clientId !== clientId))
  }

  /** Lets go of what the room's state now holds: a sent message up to the state's position, or one that the state shows. */
  settle({ room, messages }: RoomState) {
    const isSettled = (entry: OutboxEntry) =>
      entry.roomId === room.id &&
      ((entry.phase === 'sent' && entry.seq <= room.lastSeq) ||
        messages.some(({ clientId }) => clientId === entry.clientId))
    if (this.entries.get().some(isSettled)) this.entries.update((entries) => entries.filter((each) => !isSettled(each)))
  }

  #queue({ roomId, clientId, content }: OutboxEntry) {
    const tail = (this.#tails.get(roomId) ?? Promise.resolve()).then(() => this.#deliver(roomId, clientId, content))
    this.#tails.set(roomId, tail)
    void tail.then(() => {
      if (this.#tails.get(roomId) === tail) this.#tails.delete(roomId)
    })
  }

  async #deliver(roomId: string, clientId: string, content: string) {
    try {
      const { seq }: Message = await this.#client.message.send.mutate({ roomId, clientId, content })
      this.#set(clientId, { phase: 'sent', seq })
    } catch (error) {
      this.#set(clientId, { phase: 'failed', sentence: errorSentence(error) })
    }
  }

  #set(clientId: string, fields: Partial<OutboxEntry>) {
    this.entries.update((entries) =>
      entries.map((entry) => (entry.clientId === clientId ? { ...entry, ...fields } : entry)),
    )
  }
}
