import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { checkUnread } from '../../server/unread/unread-check.ts'
import type { Message } from '../../shared/index.ts'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { newId, useTestApp } from '../support/test-app.ts'
import { UnreadModel } from './unread-model.ts'

const server = useTestApp()

const USERS = ['ada', 'ben', 'cleo', 'dov', 'eve'] as const
type Name = (typeof USERS)[number]
/** These two stay; the second one is a moderator. */
const MODERATORS: readonly Name[] = ['ada', 'ben']

const operations = Number(process.env['UNREAD_OPERATIONS'] ?? 400)
/** How many operations lie between two comparisons. */
const every = Math.max(50, Math.floor(operations / 50))
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_120)

/** Numbers that follow from a seed (mulberry32). */
function randomFrom(start: number) {
  let state = start
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    below,
    isOnceIn: (times: number) => below(times) === 0,
    of: <T>(list: readonly T[]): T | undefined => list[below(list.length)],
    some: <T>(list: readonly T[]) => list.filter(() => below(3) === 0),
  }
}

const random = randomFrom(seed)

/** One room, the model of it, and everything that is done to both. */
class Game {
  readonly model = new UnreadModel(USERS)
  readonly roomId: string

  constructor(roomId: string) {
    this.roomId = roomId
  }

  async step(): Promise<void> {
    const dice = random.below(100)
    if (dice < 30) return this.#send()
    if (dice < 40) return this.#burst()
    if (dice < 52) return this.#edit()
    if (dice < 60) return this.#delete()
    if (dice < 66) return this.#hide()
    if (dice < 72) return this.#read()
    if (dice < 76) return this.#markUnread()
    if (dice < 84) return this.#readThread()
    if (dice < 90) return this.#followOrNot()
    return this.#comeOrGo()
  }

  /** A message to the room or in a thread, mentioning whom it may, sometimes in somebody's name. */
  async #sending(): Promise<Message | undefined> {
    const by = random.of(USERS.filter((name) => this.model.isPresent(name)))
    if (!by) return undefined
    const root = random.isOnceIn(2) ? random.of(this.#recent().filter((each) => each.threadId === null)) : undefined
    const isDead = root?.isDeleted && this.model.replies(root.id).length === 0
    const thread = root && !isDead ? { threadId: root.id } : {}
    const mentionsRoom = !root && MODERATORS.includes(by) && random.isOnceIn(4)
    const mentions = random.isOnceIn(3) ? random.some(USERS) : []
    const message = { roomId: this.roomId, clientId: newId(), content: 'Hello', mentions, mentionsRoom, ...thread }
    const backend = server.caller('backend', { role: 'service' })
    return random.isOnceIn(5)
      ? backend.message.send({ ...message, asUserId: by })
      : server.caller(by).message.send(message)
  }

  async #send(): Promise<void> {
    const sent = await this.#sending()
    if (sent) this.model.sent(sent)
  }

  /** Several at once, which share a batch. */
  async #burst(): Promise<void> {
    const sent = await Promise.all(Array.from({ length: 2 + random.below(6) }, () => this.#sending()))
    for (const message of sent.filter((each) => each !== undefined).toSorted((a, b) => a.seq - b.seq)) {
      this.model.sent(message)
    }
  }

  async #edit(): Promise<void> {
    const target = random.of(this.#recent().filter((each) => !each.isDeleted && this.model.isPresent(each.senderId)))
    if (!target) return
    const { roomId } = this
    const mentions = random.isOnceIn(3) ? {} : { mentions: random.some(USERS) }
    const mayMentionRoom = target.threadId === null && MODERATORS.some((name) => name === target.senderId)
    const mentionsRoom = mayMentionRoom && random.isOnceIn(2) ? { mentionsRoom: random.isOnceIn(2) } : {}
    const content = random.isOnceIn(2) ? 'Hello' : newId()
    const edit = { roomId, messageId: target.id, content, ...mentions, ...mentionsRoom }
    this.model.edited(await server.caller(target.senderId).message.edit(edit))
  }

  async #delete(): Promise<void> {
    const target = random.of(this.#recent())
    if (!target) return
    await server.caller(random.of(MODERATORS) ?? 'ada').message.delete({ roomId: this.roomId, messageId: target.id })
    this.model.deleted(target.id)
  }

  async #hide(): Promise<void> {
    const by = random.of(USERS.filter((name) => this.model.isPresent(name)))
    const target = random.of(this.#recent())
    if (!by || !target) return
    const isHidden = !random.isOnceIn(3)
    await server.caller(by).message[isHidden ? 'hide' : 'unhide']({ roomId: this.roomId, messageId: target.id })
    this.model.hidden(by, target.id, isHidden)
  }

  async #read(): Promise<void> {
    const by = random.of(USERS.filter((name) => this.model.isPresent(name)))
    const seq = random.of(this.#recent())?.seq
    if (!by || seq === undefined) return
    await server.caller(by).receipt.read({ roomId: this.roomId, seq })
    this.model.read(by, seq)
  }

  /** Sometimes twice, as a call that is sent again. */
  async #markUnread(): Promise<void> {
    const by = random.of(USERS.filter((name) => this.model.isPresent(name)))
    const seq = random.of(this.#recent())?.seq
    if (!by || seq === undefined) return
    for (let times = random.isOnceIn(4) ? 2 : 1; times > 0; times--) {
      await server.caller(by).receipt.markUnread({ roomId: this.roomId, seq })
    }
    this.model.markedUnread(by, seq)
  }

  async #readThread(): Promise<void> {
    const by = random.of(USERS.filter((name) => this.model.isPresent(name)))
    const root = random.of(this.#recent().filter((each) => each.threadId === null && !each.hiddenFrom.has(by ?? '')))
    if (!by || !root) return
    const replies = this.model.replies(root.id)
    const seq = random.isOnceIn(2) ? random.of(replies)?.seq : undefined
    await server.caller(by).thread.read({ roomId: this.roomId, threadId: root.id, ...(seq ? { seq } : {}) })
    this.model.readThread(by, root.id, seq ?? replies.at(-1)?.seq ?? 0)
  }

  async #followOrNot(): Promise<void> {
    const by = random.of(USERS.filter((name) => this.model.isPresent(name)))
    const root = random.of(this.#recent().filter((each) => each.threadId === null && !each.hiddenFrom.has(by ?? '')))
    if (!by || !root) return
    const thread = { roomId: this.roomId, threadId: root.id }
    if (random.isOnceIn(2)) {
      await server.caller(by).thread.follow(thread)
      this.model.follow(by, root.id)
    } else {
      await server.caller(by).thread.unfollow(thread)
      this.model.unfollow(by, root.id)
    }
  }

  async #comeOrGo(): Promise<void> {
    const whom = random.of(USERS.filter((name) => !MODERATORS.includes(name)))
    if (!whom) return
    const ada = server.caller('ada')
    if (this.model.isPresent(whom)) {
      await ada.member.remove({ roomId: this.roomId, userId: whom })
      this.model.left(whom)
    } else {
      const [member] = await ada.member.add({ roomId: this.roomId, userIds: [whom] })
      this.model.joined(whom, member?.joinedSeq ?? 0)
    }
  }

  #recent() {
    return this.model.messages.slice(-25)
  }

  /** What everybody is told equals what the model counts: by request, in the lists, and in what the inbox's stream has folded. */
  async compare(inboxes: Map<Name, FoldedInbox>): Promise<void> {
    for (const name of USERS.filter((each) => this.model.isPresent(each))) {
      const expected = this.model.counts(name)
      const sum = (key: 'unread' | 'mentions') => expected.threads.reduce((total, thread) => total + thread[key], 0)
      const threads = { unread: sum('unread'), mentions: sum('mentions') }
      const caller = server.caller(name)
      const inbox = await caller.inbox.get()
      expect({ rooms: inbox.rooms, threads: inbox.threads }).toMatchObject({ rooms: [expected.room], threads })
      expect((await caller.room.get({ roomId: this.roomId })).viewer).toMatchObject(expected.room)
      expect((await listed(name)).toSorted(byThread)).toEqual(expected.threads.toSorted(byThread))
      await inboxes
        .get(name)
        ?.until((folded) => JSON.stringify(outline(folded)) === JSON.stringify(outline({ ...inbox, ...expected.room })))
    }
    const root = this.#recent().find((each) => each.threadId === null && !each.hiddenFrom.has('ada'))
    if (!root) return
    const thread = await server.caller('ada').message.thread({ roomId: this.roomId, threadId: root.id, limit: 100 })
    const replies = this.model.replies(root.id)
    expect(thread.root.thread?.count ?? 0).toBe(replies.filter((each) => !each.isDeleted).length)
    const shown = replies.filter((each) => !each.hiddenFrom.has('ada'))
    expect(thread.items.map((each) => each.id)).toEqual(shown.slice(0, 100).map((each) => each.id))
  }
}

const byThread = (a: { threadId: string }, b: { threadId: string }) => (a.threadId < b.threadId ? -1 : 1)
const outline = ({ unread, mentions, threads }: { unread: number; mentions: number; threads: object }) => [
  unread,
  mentions,
  threads,
]

/** The threads that somebody follows, of all pages. */
async function listed(name: Name) {
  const items = []
  let cursor: string | undefined
  do {
    const page = await server.caller(name).thread.list({ limit: 100, ...(cursor ? { cursor } : {}) })
    items.push(...page.items.map(({ root, unread, mentions }) => ({ threadId: root.id, unread, mentions })))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  return items
}

describe('what is unread', () => {
  test(`through ${operations} random operations by five users, is what a look at every message gives (seed ${seed})`, {
    timeout: 60_000 + operations * 100,
  }, async () => {
    for (const name of USERS) await server.caller(name).auth.me()
    const [, ...memberIds] = USERS
    const { id: roomId } = await server.caller('ada').room.create({ kind: 'group', name: 'Game', memberIds })
    await server.caller('ada').member.setRole({ roomId, userId: 'ben', role: 'moderator' })
    const inboxes = new Map(
      USERS.map((name) => [
        name,
        new FoldedInbox(name, (signal) => server.app.createCaller({ userId: name }, { signal })),
      ]),
    )
    const game = new Game(roomId)
    for (let done = 1; done <= operations; done++) {
      try {
        await game.step()
      } catch (error) {
        throw error instanceof ChatError ? new Error(`Refused at operation ${done}`, { cause: error }) : error
      }
      if (done % every === 0 || done === operations) await game.compare(inboxes)
    }
    expect(await checkUnread(server.app.services.database.db, { tenantId: 'default', roomId })).toEqual([])
    for (const inbox of inboxes.values()) await inbox.stop()
  })
})
