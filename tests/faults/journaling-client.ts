import { setTimeout as sleep } from 'node:timers/promises'
import { applyRoomEvent, type ChatClient, createChatClient, type RoomState } from '../../shared/index.ts'
import { newId, signToken } from '../support/test-app.ts'
import type { Dice } from './dice.ts'
import type { Journal, JournaledSend } from './journal.ts'
import { aborted, pauseAfter, persistently, reasonOf } from './patience.ts'

/** Who somebody is, and where. */
export interface Place {
  tenant: string
  user: string
  roomId: string
  /** How messages begin that are said here: a text that comes from elsewhere gives itself away. */
  mark: string
}

/** How long the second of two connections waits for its answer. */
const DOUBLE_MS = 5_000

/** Names a tenant's user, so that a foreign one of the same id gives itself away. */
export const chatOf = (url: string, { tenant, user }: Pick<Place, 'tenant' | 'user'>, calls?: 'http'): ChatClient =>
  createChatClient({
    url,
    token: () => signToken(user, { tenant, name: `${tenant} ${user}` }),
    ...(calls ? { calls } : {}),
  })

/** A client as a frontend has it: a snapshot, its events folded, an outbox that asks until it is answered. It writes down everything. */
export class JournalingClient {
  readonly place: Place
  readonly #chat: ChatClient
  /** Another connection, for what is impatiently asked for twice. */
  readonly #second: ChatClient
  readonly #foreignRoomId: string
  readonly #journal: Omit<Journal, 'state' | 'fresh'>
  #state: RoomState
  readonly #pending = new Set<Promise<void>>()
  #changed = Promise.withResolvers<void>()
  #lostAt: number | undefined
  #isClosed = false

  static async join(url: string, place: Place, foreignRoomId: string): Promise<JournalingClient> {
    const { roomId } = place
    const chat = chatOf(url, place)
    const state = await persistently(() => chat.room.snapshot.query({ roomId, messages: 100 }))
    return new JournalingClient(url, place, { chat, state, foreignRoomId })
  }

  private constructor(
    url: string,
    place: Place,
    { chat, state, foreignRoomId }: { chat: ChatClient; state: RoomState; foreignRoomId: string },
  ) {
    const { tenant, roomId, user } = place
    this.place = place
    this.#chat = chat
    this.#second = chatOf(url, place, 'http')
    this.#foreignRoomId = foreignRoomId
    this.#state = state
    const startedAt = state.room.lastSeq
    this.#journal = {
      tenant,
      roomId,
      user,
      sends: [],
      startedAt,
      events: [],
      arrivedAt: [],
      outages: [],
      surprises: [],
    }
    this.#follow()
    chat.connection.subscribe(({ status }) => {
      if (status === 'connecting') this.#lostAt ??= performance.now()
    })
  }

  /** Sends, edits and deletes until the signal aborts. */
  async talk(dice: Dice, signal: AbortSignal): Promise<void> {
    for (let count = 1; !signal.aborted; count++) {
      this.#pending.add(this.#act(dice, `${this.place.mark}/${this.place.user} ${count}`))
      await sleep(dice.between(20, 400), undefined, { signal }).catch(() => undefined)
    }
  }

  /** Resolves once everything is answered, or with the number of calls that are not when the signal aborts. */
  async answered(signal: AbortSignal): Promise<number> {
    let open = this.#pending.size
    const all = Array.from(this.#pending, async (call) => {
      await call
      open--
    })
    await Promise.race([Promise.all(all), aborted(signal)])
    if (open > 0) this.#surprise(`never had an answer to ${open} calls`)
    return open
  }

  /** Resolves with the journal once the client has seen everything that there is; `fresh` is what a new snapshot gives. */
  async finish(fresh: RoomState, signal: AbortSignal): Promise<Journal> {
    while (this.#state.position !== fresh.position && !signal.aborted) {
      await Promise.race([this.#changed.promise, aborted(signal)])
    }
    if (this.#state.position !== fresh.position)
      this.#surprise(`stands at ${this.#state.position}, not ${fresh.position}`)
    return { ...this.#journal, state: this.#state, fresh }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([this.#chat.close(), this.#second.close()])
  }

  /** From where it stands. A lost connection is the chat client's to mend; a refusal that passes is tried again here, as by a frontend. */
  #follow(): void {
    if (this.#isClosed) return
    this.#chat.room.onEvent.subscribe(
      { roomId: this.place.roomId, lastEventId: this.#state.position },
      {
        onData: ({ data }) => this.#take(data),
        onError: (error) => {
          const pause = pauseAfter(error)
          if (pause === undefined) this.#surprise(`lost the subscription: ${error.message}`)
          else setTimeout(() => this.#follow(), pause).unref()
        },
        onComplete: () => this.#surprise('saw the subscription end'),
      },
    )
  }

  #take(event: Journal['events'][number]): void {
    const now = performance.now()
    const last = this.#journal.arrivedAt.at(-1)
    if (event.type === 'ready' && last !== undefined)
      this.#journal.outages.push({ from: this.#lostAt ?? last, to: now })
    this.#lostAt = undefined
    this.#journal.events.push(event)
    this.#journal.arrivedAt.push(now)
    try {
      this.#state = applyRoomEvent(this.#state, event)
    } catch (error) {
      this.#surprise(`could not fold ${event.type} (${event.seq}): ${String(error)}`)
    }
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  async #act(dice: Dice, content: string): Promise<void> {
    const own = this.#journal.sends.flatMap(({ acknowledged }) => acknowledged.slice(0, 1))
    const old = dice.oneOf(own)
    const { roomId } = this.place
    try {
      if (dice.chance(0.03)) await this.#pry()
      if (old && dice.chance(0.1)) {
        const edit = { roomId, messageId: old.id, content: `${content}, edited` }
        await persistently(() => this.#chat.message.edit.mutate(edit))
      } else if (old && dice.chance(0.05)) {
        await persistently(() => this.#chat.message.delete.mutate({ roomId, messageId: old.id }))
      } else {
        await this.#send(content, dice.chance(0.15))
      }
    } catch (error) {
      // Of two edits, one may come after the delete.
      if (reasonOf(error) !== 'MESSAGE_DELETED') this.#surprise(`was refused "${content}": ${String(error)}`)
    }
  }

  async #send(content: string, isDouble: boolean): Promise<void> {
    const { roomId } = this.place
    const send: JournaledSend = { clientId: newId(), content, acknowledged: [], askedAt: performance.now(), tries: 0 }
    this.#journal.sends.push(send)
    const input = { roomId, clientId: send.clientId, content }
    const double = isDouble
      ? this.#second.message.send.mutate(input, { signal: AbortSignal.timeout(DOUBLE_MS) }).catch(() => undefined)
      : undefined
    const first = await persistently(() => {
      send.tries++
      return this.#chat.message.send.mutate(input)
    })
    send.answeredAt = performance.now()
    const answers = [first, await double].filter((answer) => answer !== undefined)
    send.acknowledged = answers.map(({ id, seq, content: said }) => ({ id, seq, content: said }))
  }

  /** Another tenant's room does not exist here, whoever has the same name there. */
  async #pry(): Promise<void> {
    const roomId = this.#foreignRoomId
    const calls: (() => Promise<unknown>)[] = [
      () => this.#chat.room.snapshot.query({ roomId }),
      () => this.#chat.message.send.mutate({ roomId, clientId: newId(), content: `${this.place.mark}/pried` }),
    ]
    for (const call of calls) {
      const reason = await persistently(call).then(() => 'an answer', reasonOf)
      if (reason !== 'NOT_FOUND') this.#surprise(`had ${reason} about a room of another tenant`)
    }
  }

  #surprise(what: string): void {
    if (!this.#isClosed) this.#journal.surprises.push(what)
  }
}
