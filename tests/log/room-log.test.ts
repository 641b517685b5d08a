import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { App } from '../../server/app.ts'
import { ChatError } from '../../server/errors/chat-error.ts'
import { applyRoomEvent, type RoomEvent, type RoomState } from '../../shared/index.ts'
import { RoomFollower } from '../support/room-follower.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { reconcileMs: 100 })

type Caller = ReturnType<App['createCaller']>

const USERS = ['ada', 'ben', 'cleo', 'dov'] as const
type UserId = (typeof USERS)[number]
/** Ada owns the room and stays. She may do everything, so she acts most; the others are refused now and then. */
const user = fc.oneof(
  { weight: 4, arbitrary: fc.constant('ada' as const) },
  { weight: 2, arbitrary: fc.constant('ben' as const) },
  { weight: 1, arbitrary: fc.constantFrom('cleo' as const, 'dov' as const) },
)
const guest = fc.constantFrom('ben' as const, 'cleo' as const, 'dov' as const)
const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).map((each) => `${each}.`)
const emoji = fc.constantFrom('👍', '❤️', '👩🏾‍🚀')
/** Which of the messages so far, counted from the latest. */
const recent = fc.nat({ max: 5 })

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), by: user, text }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reply' as const), by: user, recent, text, whom: user }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('edit' as const), by: user, recent, text }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), by: user, recent }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('react' as const), by: user, recent, emoji, isAdding: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pin' as const), by: user, recent, isAdding: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('forward' as const), by: user, recent }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), by: user, whom: guest }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), by: user, whom: guest }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), by: guest }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('promote' as const), by: user, whom: guest }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mute' as const), by: user, whom: guest }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ban' as const), by: user, whom: guest }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('unban' as const), by: user, whom: guest }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), by: user, text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('profile' as const), by: user, text }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('nickname' as const), by: user, text: fc.option(text, { freq: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('history' as const), by: user, isJoined: fc.boolean() }) },
)
/** All of them, by the names that the arbitraries above give. */
const KINDS = {
  send: true,
  reply: true,
  edit: true,
  delete: true,
  react: true,
  pin: true,
  forward: true,
  add: true,
  remove: true,
  leave: true,
  promote: true,
  mute: true,
  ban: true,
  unban: true,
  rename: true,
  profile: true,
  nickname: true,
  history: true,
} satisfies Record<Operation['do'], true>
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

const isKind = (name: string): name is Operation['do'] => name in KINDS

/** Operations of a step run at once; then the followers come and go as they like. */
const step = fc.record({
  at_once: fc.array(operation, { minLength: 1, maxLength: 4, size: 'max' }),
  toggles: fc.subarray(['ada', 'ben'] as const),
})

/** Without the bias of fast-check to small values: most of a short game is refused, as nothing was said yet. */
const game = fc.noBias(fc.array(step, { minLength: 4, maxLength: 16, size: 'max' }))

/** Long enough to be in the future when the server looks at it, and over before the game is. */
const MUTE_MS = 300

interface Said {
  id: string
  by: UserId
}

async function run(roomId: string, operation: Operation, said: Said[]): Promise<void> {
  const caller = server.caller(operation.by)
  const nthLatest = (messages: Said[]) =>
    messages.length > 0 && 'recent' in operation ? messages.at(-1 - (operation.recent % messages.length)) : undefined
  const messageId = () => nthLatest(said)?.id ?? newId()
  /** Nobody edits what others said: the message is the caller's own where there is one. */
  const ownMessageId = () => nthLatest(said.filter(({ by }) => by === operation.by))?.id ?? messageId()
  switch (operation.do) {
    case 'send': {
      const sent = await caller.message.send({ roomId, clientId: newId(), content: operation.text })
      said.push({ id: sent.id, by: operation.by })
      return
    }
    case 'reply': {
      const content = { content: operation.text, mentions: [operation.whom] }
      const sent = await caller.message.send({ roomId, clientId: newId(), ...content, threadId: messageId() })
      said.push({ id: sent.id, by: operation.by })
      return
    }
    case 'edit':
      await caller.message.edit({ roomId, messageId: ownMessageId(), content: operation.text })
      return
    case 'delete':
      await caller.message.delete({ roomId, messageId: messageId() })
      return
    case 'react': {
      const { emoji, isAdding } = operation
      await caller.reaction[isAdding ? 'add' : 'remove']({ roomId, messageId: messageId(), emoji })
      return
    }
    case 'pin':
      await caller.message[operation.isAdding ? 'pin' : 'unpin']({ roomId, messageId: messageId() })
      return
    case 'forward': {
      const sent = await caller.message.forward({ roomId, messageId: messageId(), toRoomId: roomId, clientId: newId() })
      said.push({ id: sent.id, by: operation.by })
      return
    }
    case 'add':
      await caller.member.add({ roomId, userIds: [operation.whom] })
      return
    case 'remove':
      return caller.member.remove({ roomId, userId: operation.whom })
    case 'leave':
      return caller.room.leave({ roomId })
    case 'promote':
      await caller.member.setRole({ roomId, userId: operation.whom, role: 'moderator' })
      return
    case 'mute':
      return caller.member.mute({ roomId, userId: operation.whom, until: new Date(Date.now() + MUTE_MS) })
    case 'ban':
      await caller.member.ban({ roomId, userId: operation.whom })
      return
    case 'unban':
      await caller.member.unban({ roomId, userId: operation.whom })
      return
    case 'rename':
      await caller.room.update({ roomId, name: `Room ${operation.text.codePointAt(0)}` })
      return
    case 'profile':
      await caller.user.update({ name: `${operation.by} ${operation.text.codePointAt(0)}` })
      await server.app.services.profiles.settled()
      return
    case 'nickname': {
      const nickname = operation.text && `Nick ${operation.text.codePointAt(0)}`
      await caller.room.settings({ roomId, nickname })
      return
    }
    case 'history':
      await caller.room.update({ roomId, historyVisibility: operation.isJoined ? 'joined' : 'all' })
      return
  }
}

/** Refusals are part of the game; anything else is not. True where the work was done. */
async function attempt(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (!(error instanceof ChatError) || error.reason === 'INTERNAL') throw error
    return false
  }
}

/** How often each kind of operation was tried and done: a game of nothing but refusals proves nothing. */
class OperationCounts {
  readonly #counts = new Map<Operation['do'], { tried: number; done: number }>()

  add(kind: Operation['do'], isDone: boolean): void {
    const { tried, done } = this.#counts.get(kind) ?? { tried: 0, done: 0 }
    this.#counts.set(kind, { tried: tried + 1, done: done + (isDone ? 1 : 0) })
  }

  done(kind: Operation['do']): number {
    return this.#counts.get(kind)?.done ?? 0
  }

  toString(): string {
    return [...this.#counts].map(([kind, { tried, done }]) => `${kind} ${done} of ${tried}`).join(', ')
  }
}

/** Of a group, nobody else may know. */
const OUT_OF_THE_ROOM: unknown[] = ['NOT_A_MEMBER', 'NOT_FOUND']

/** Folds everything since a state into it, `limit` rows a page. */
async function caughtUp(caller: Caller, state: RoomState, limit: number): Promise<RoomState> {
  let folded = state
  while (true) {
    const { events, more } = await caller.room.changes({ roomId: state.room.id, after: folded.position, limit })
    folded = events.reduce(applyRoomEvent, folded)
    if (!more) return folded
  }
}

/** In these many games each kind of operation is done at least once. */
const RUNS = 12
const runs = Number(process.env['FUZZ_RUNS'] ?? RUNS)
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_120)

describe('the room log', () => {
  test('whatever happens and however a client comes and goes, its folded state equals a fresh snapshot, from every cut point', {
    timeout: 60_000 + runs * 5_000,
  }, async () => {
    for (const name of USERS) await server.caller(name).auth.me()

    const counts = new OperationCounts()
    const property = fc.asyncProperty(game, async (steps) => {
      const room = await server.caller('ada').room.create({ kind: 'group', name: 'Fuzz', memberIds: ['ben', 'cleo'] })
      const roomId = room.id
      const said: Said[] = []
      const snapshotOf = (name: string) => server.caller(name).room.snapshot({ roomId, messages: 100 })
      const cuts: RoomState[] = [await snapshotOf('ada')]

      const follow = (name: string) =>
        new RoomFollower((signal) => server.app.createCaller({ userId: name }, { signal }), roomId)
      const ada = follow('ada')
      const ben = follow('ben')
      const connected = new Set<RoomFollower>()
      const toggle = async (follower: RoomFollower) => {
        if (connected.delete(follower)) return follower.disconnect()
        await follower.connect()
        connected.add(follower)
      }
      await toggle(ada)

      for (const { at_once, toggles } of steps) {
        await Promise.all(at_once.map(async (each) => counts.add(each.do, await attempt(run(roomId, each, said)))))
        cuts.push(await snapshotOf('ada'))
        for (const name of toggles) {
          // Ben may have left, or been removed: then he has nothing to follow.
          if (name === 'ada') await toggle(ada)
          else await attempt(toggle(ben))
        }
      }

      // At the end Ben is in the room, wherever the game left him.
      await server.caller('ada').member.unban({ roomId, userId: 'ben' })
      await server.caller('ada').member.add({ roomId, userIds: ['ben'] })
      for (const follower of [ada, ben]) if (!connected.has(follower)) await toggle(follower)

      const final = await snapshotOf('ada')
      await ada.reaches(final.position)
      expect(ada.state).toEqual(final)
      for (const cut of cuts) {
        expect(await caughtUp(server.caller('ada'), cut, 100)).toEqual(final)
        expect(await caughtUp(server.caller('ada'), cut, 3)).toEqual(final)
      }

      const his = await snapshotOf('ben')
      await ben.reaches(his.position).catch(async (ended: unknown) => {
        // His stream ended when he was out of the room, or could not begin. Another one goes on from where it had come to.
        expect(OUT_OF_THE_ROOM).toContain(ended instanceof ChatError ? ended.reason : ended)
        await ben.disconnect()
        await ben.connect()
        await ben.reaches(his.position)
      })
      expect(visibleFrom(ben.state, his)).toEqual(his)
      for (const follower of connected) await follower.disconnect()
    })
    await fc.assert(property, { numRuns: runs, seed, endOnFailure: true })
    for (const kind of Object.keys(KINDS).filter(isKind)) {
      expect(counts.done(kind), `${kind}: ${counts.toString()}`).toBeGreaterThanOrEqual(Math.floor(runs / RUNS))
    }
  })

  test('a thread goes through its root’s life: replies, their deletion, and what comes after the root’s own', async () => {
    for (const name of USERS) await server.caller(name).auth.me()
    const ada = server.caller('ada')
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const follower = new RoomFollower((signal) => server.app.createCaller({ userId: 'ada' }, { signal }), roomId)
    await follower.connect()
    const cuts: RoomState[] = []
    const say = (threadId?: string) =>
      server
        .caller('ben')
        .message.send({ roomId, clientId: newId(), content: 'Hello', ...(threadId ? { threadId } : {}) })
    const root = await say()
    const replies = [await say(root.id), await say(root.id)]
    const steps = [
      () => say(root.id),
      () => ada.message.delete({ roomId, messageId: replies[0]?.id ?? '' }),
      () => ada.message.delete({ roomId, messageId: root.id }),
      () => say(root.id),
      () => ada.message.delete({ roomId, messageId: replies[1]?.id ?? '' }),
    ]
    for (const happen of steps) {
      await happen()
      const fresh = await ada.room.snapshot({ roomId, messages: 100 })
      cuts.push(fresh)
      await follower.reaches(fresh.position)
      expect(follower.state).toEqual(fresh)
    }
    for (const cut of cuts) expect(await caughtUp(ada, cut, 1)).toEqual(cuts.at(-1))
    await follower.disconnect()
  })

  test('every type of event is folded into what a fresh snapshot gives', async () => {
    for (const name of USERS) await server.caller(name).auth.me()
    const ada = server.caller('ada')
    const { id: roomId } = await ada.room.create({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const follower = new RoomFollower((signal) => server.app.createCaller({ userId: 'ada' }, { signal }), roomId)
    await follower.connect()
    const happens: [RoomEvent['type'], () => Promise<unknown>][] = [
      ['message.created', () => ada.message.send({ roomId, clientId: newId(), content: 'Hello' })],
      ['message.updated', () => edit('Hello, all')],
      ['message.deleted', () => remove()],
      ['member.joined', () => ada.member.add({ roomId, userIds: ['cleo'] })],
      ['member.updated', () => ada.member.setRole({ roomId, userId: 'cleo', role: 'admin' })],
      ['member.left', () => ada.member.remove({ roomId, userId: 'cleo' })],
      ['room.updated', () => ada.room.update({ roomId, name: 'Boiler room' })],
    ]
    const messageId = () => follower.state.messages[0]?.id ?? ''
    const edit = (content: string) => ada.message.edit({ roomId, messageId: messageId(), content })
    const remove = () => ada.message.delete({ roomId, messageId: messageId() })
    for (const [type, happen] of happens) {
      expect(follower.seen).not.toContain(type)
      await happen()
      const fresh = await ada.room.snapshot({ roomId, messages: 100 })
      await follower.reaches(fresh.position)
      expect(follower.seen).toContain(type)
      expect(follower.state).toEqual(fresh)
    }
    await follower.disconnect()
  })
})

/** What a re-join took from view, a client that kept its state may still hold. */
function visibleFrom(state: RoomState, fresh: RoomState): RoomState {
  const oldest = fresh.messages[0]?.seq ?? Number.POSITIVE_INFINITY
  return { ...state, messages: state.messages.filter((message) => message.seq >= oldest) }
}
