import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { InboxMessage } from '../../shared/inbox.ts'
import type { TokenRole } from '../../shared/user.ts'
import type { AppRouter } from '../app-router.ts'
import { DEFAULT_TENANT } from '../auth/token-verifier.ts'
import type { UserDirectory } from '../user/user-directory.ts'
import { answerTo, DEMO_PEOPLE, type DemoPerson } from './demo-answers.ts'

type RouterCaller = ReturnType<AppRouter['createCaller']>

export type CreateCaller = (
  caller: { userId: string; role?: TokenRole },
  options?: { signal?: AbortSignal },
) => RouterCaller

const ROOM_NAME = 'Demo room'
/** How long a person types before answering. */
const TYPING_MS = { least: 700, most: 1_800 }

const [HOST] = DEMO_PEOPLE
const isDemoPerson = (userId: string) => DEMO_PEOPLE.some(({ id }) => id === userId)

/**
 * Simulated people for developers who try a server alone. They are ordinary users who call procedures in this process. They
 * answer in direct rooms and when mentioned, and the host of the demo room answers messages that mention nobody. They never
 * answer each other.
 */
export class DemoPeople {
  readonly #createCaller: CreateCaller
  readonly #users: Pick<UserDirectory, 'find'>
  readonly #log: Logger
  readonly #stopping: AbortSignal
  #following: Promise<void> | undefined

  constructor(createCaller: CreateCaller, users: Pick<UserDirectory, 'find'>, log: Logger, stopping: AbortSignal) {
    this.#createCaller = createCaller
    this.#users = users
    this.#log = log
    this.#stopping = stopping
  }

  /** Resumes answering in rooms to which they were invited before the server started. */
  async resume(): Promise<void> {
    if (await this.#users.find(DEFAULT_TENANT, HOST.id)) await this.#follow()
  }

  /** Adds the user to a room with them. A user who already has one gets that. */
  async invite(userId: string): Promise<{ roomId: string }> {
    const service = this.#createCaller({ userId: HOST.id, role: 'service' })
    await Promise.all(DEMO_PEOPLE.map(({ id, name }) => service.user.upsert({ id, name })))
    await this.#follow()
    const { items } = await this.#createCaller({ userId }).room.list({ limit: 100 })
    const known = items.find(({ name, kind }) => kind === 'group' && name === ROOM_NAME)
    if (known) return { roomId: known.id }
    const memberIds = [userId, ...DEMO_PEOPLE.map(({ id }) => id).filter((id) => id !== HOST.id)]
    const { id: roomId } = await this.#createCaller({ userId: HOST.id }).room.create({
      kind: 'group',
      name: ROOM_NAME,
      description: 'People who answer, for trying things out',
      memberIds,
    })
    for (const { id, greeting } of DEMO_PEOPLE) {
      await this.#createCaller({ userId: id }).message.send({ roomId, clientId: randomUUID(), content: greeting })
    }
    return { roomId }
  }

  /** Resolves when each of them receives messages. */
  #follow(): Promise<void> {
    this.#following ??= Promise.all(DEMO_PEOPLE.map((person) => this.#listen(person))).then(() => undefined)
    return this.#following
  }

  async #listen(person: DemoPerson): Promise<void> {
    const { promise: ready, resolve } = Promise.withResolvers<void>()
    void this.#hear(person, resolve).catch((error: unknown) => {
      if (!this.#stopping.aborted)
        this.#log.warn({ err: error, person: person.id }, 'a demo person has stopped answering')
      resolve()
    })
    await ready
  }

  async #hear(person: DemoPerson, ready: () => void): Promise<void> {
    const caller = this.#createCaller({ userId: person.id }, { signal: this.#stopping })
    /** Rooms where they are currently writing: messages sent there meanwhile get no answer. */
    const writing = new Set<string>()
    let turn = 0
    for await (const event of await caller.inbox.onEvent()) {
      ready()
      if (event.type !== 'message' || isDemoPerson(event.senderId) || writing.has(event.roomId)) continue
      const { roomId } = event
      writing.add(roomId)
      void this.#answer(caller, person, event, turn++)
        .catch((error: unknown) => this.#log.debug({ err: error, roomId }, 'unable to answer as a demo person'))
        .finally(() => writing.delete(roomId))
    }
  }

  async #answer(caller: RouterCaller, person: DemoPerson, message: InboxMessage, turn: number): Promise<void> {
    const { roomId, messageId } = message
    const { kind } = await caller.room.get({ roomId })
    const named = message.mentions.filter(isDemoPerson)
    const isAddressed = named.length > 0 ? named.includes(person.id) : person.id === HOST.id
    if (kind !== 'direct' && !isAddressed) return
    const { least, most } = TYPING_MS
    if (person.reaction) await caller.reaction.add({ roomId, messageId, emoji: person.reaction })
    await caller.typing.set({ roomId, isTyping: true })
    await sleep(least + Math.random() * (most - least), undefined, { signal: this.#stopping })
    await caller.message.send({ roomId, clientId: randomUUID(), content: answerTo(person, message.preview, turn) })
    await caller.typing.set({ roomId, isTyping: false })
  }
}
