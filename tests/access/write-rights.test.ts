import { setTimeout as sleep } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import { describe, expect, test, vi } from 'vitest'
import type { ChatErrorReason } from '../../shared/errors.ts'
import type { Typing } from '../../shared/index.ts'
import { MEMBER_ROLES, type MemberRole } from '../../shared/permissions.ts'
import { refusalOf } from '../rpc/refusal.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const HOUR_MS = 3_600_000

type Answer = 'done' | ChatErrorReason
type Kind = 'group' | 'channel' | 'direct'
type Who = MemberRole | 'service'

/** How a room or its member comes to be: what is written into their rows, as if an hour ago. */
interface State {
  title: string
  kinds?: Kind[]
  room?: RawBuilder<unknown>
  member?: RawBuilder<unknown>
  /** Never was in the room. */
  isStranger?: boolean
  /** To a member who writes. */
  refusal: Answer
  /** To a service that writes as a member, or as who is none. */
  toService: Answer
  /** To one's own deletion, and to a stop of typing: where it is another one. */
  toDeletion?: Answer
  toStop?: Answer
  /** To sends of plain members, where it is another one. */
  toSends?: Answer
}

const FROZEN = sql`frozen_at = clock_timestamp()`
const ARCHIVED = sql`archived_at = clock_timestamp()`
const MUTED = sql`muted_until = clock_timestamp() + interval '1 hour'`
const BLOCKED = sql`blocked_at = clock_timestamp()`
const LEFT = sql`left_at = clock_timestamp()`
const SLOW = sql`slow_mode_seconds = 3600`
const JUST_SENT = sql`last_sent_at = clock_timestamp()`
const free = { toDeletion: 'done', toStop: 'done' } as const
const gone = { toDeletion: 'NOT_FOUND', toStop: 'NOT_FOUND' } as const
const outside = { toDeletion: 'NOT_A_MEMBER', toStop: 'NOT_A_MEMBER' } as const

/** The table of `server/access/write-rights.ts`, and what holds where two of its states meet. */
const STATES: State[] = [
  { title: 'nothing in the way', kinds: ['group', 'channel', 'direct'], refusal: 'done', toService: 'done' },
  {
    title: 'archived',
    room: ARCHIVED,
    refusal: 'ROOM_ARCHIVED',
    toService: 'ROOM_ARCHIVED',
    toDeletion: 'ROOM_ARCHIVED',
    toStop: 'done',
  },
  { title: 'frozen', room: FROZEN, refusal: 'ROOM_FROZEN', toService: 'done', ...free },
  {
    title: 'deleted',
    room: sql`deleted_at = clock_timestamp()`,
    refusal: 'NOT_FOUND',
    toService: 'NOT_FOUND',
    ...gone,
  },
  {
    title: 'muted',
    kinds: ['group', 'channel', 'direct'],
    member: MUTED,
    refusal: 'MUTED',
    toService: 'done',
    ...free,
  },
  {
    title: 'muted for good',
    member: sql`muted_until = '9999-12-31T00:00:00Z'`,
    refusal: 'MUTED',
    toService: 'done',
    ...free,
  },
  {
    title: 'muted until a moment ago',
    member: sql`muted_until = clock_timestamp() - interval '1 millisecond'`,
    refusal: 'done',
    toService: 'done',
  },
  { title: 'blocked', kinds: ['direct'], member: BLOCKED, refusal: 'BLOCKED', toService: 'done', ...free },
  { title: 'gone from a private room', member: LEFT, refusal: 'NOT_FOUND', toService: 'NOT_A_MEMBER', ...gone },
  {
    title: 'gone from a public one',
    kinds: ['channel'],
    member: LEFT,
    refusal: 'NOT_A_MEMBER',
    toService: 'NOT_A_MEMBER',
    ...outside,
  },
  {
    title: 'banned from a private room',
    member: sql`left_at = clock_timestamp(), banned_until = '9999-12-31T00:00:00Z'`,
    refusal: 'NOT_FOUND',
    toService: 'NOT_A_MEMBER',
    ...gone,
  },
  { title: 'never in a private room', isStranger: true, refusal: 'NOT_FOUND', toService: 'NOT_A_MEMBER', ...gone },
  {
    title: 'never in a public one',
    kinds: ['channel'],
    isStranger: true,
    refusal: 'NOT_A_MEMBER',
    toService: 'NOT_A_MEMBER',
    ...outside,
  },
  {
    title: 'slow mode, and sent just now',
    room: SLOW,
    member: JUST_SENT,
    refusal: 'done',
    toService: 'done',
    toSends: 'SLOW_MODE',
  },
  {
    title: 'archived, frozen and muted',
    room: sql`${ARCHIVED}, ${FROZEN}`,
    member: MUTED,
    refusal: 'ROOM_ARCHIVED',
    toService: 'ROOM_ARCHIVED',
    toDeletion: 'ROOM_ARCHIVED',
    toStop: 'done',
  },
  {
    title: 'frozen and muted',
    kinds: ['group', 'channel'],
    room: FROZEN,
    member: MUTED,
    refusal: 'ROOM_FROZEN',
    toService: 'done',
    ...free,
  },
  {
    title: 'frozen, blocked and muted',
    kinds: ['direct'],
    room: FROZEN,
    member: sql`${BLOCKED}, ${MUTED}`,
    refusal: 'ROOM_FROZEN',
    toService: 'done',
    ...free,
  },
  {
    title: 'blocked and muted',
    kinds: ['direct'],
    member: sql`${BLOCKED}, ${MUTED}`,
    refusal: 'BLOCKED',
    toService: 'done',
    ...free,
  },
  {
    title: 'muted in slow mode',
    room: SLOW,
    member: sql`${MUTED}, ${JUST_SENT}`,
    refusal: 'MUTED',
    toService: 'done',
    ...free,
  },
]

const SENDS = ['send', 'two sends at once', 'thread reply', 'mention', 'forward', 'scheduled send'] as const
const CHANGES = ['edit', 'react', 'unreact', 'pin', 'unpin', 'nickname', 'type', 'stop typing', 'delete'] as const
type Act = (typeof SENDS)[number] | (typeof CHANGES)[number]

/** What the one table says of an act. */
function expected(state: State, who: Who, act: Act): Answer {
  const { refusal, toService, toSends, toDeletion = refusal, toStop = refusal } = state
  if (who === 'service') {
    const isOwn = act === 'react' || act === 'unreact' || act === 'type' || act === 'stop typing'
    if (toService === 'NOT_FOUND') return 'NOT_FOUND'
    // It acts for no member: what is a member's own it does not have.
    if (isOwn) return 'NOT_A_MEMBER'
    if (toService !== 'NOT_A_MEMBER') return toService
    const isSend = SENDS.some((send) => send === act)
    return isSend || act === 'nickname' ? 'NOT_A_MEMBER' : 'done'
  }
  if (act === 'delete') return toDeletion
  if (act === 'stop typing') return toStop
  if (toSends && who === 'member' && SENDS.some((send) => send === act)) return toSends
  const isInside = refusal !== 'NOT_FOUND' && refusal !== 'NOT_A_MEMBER'
  if ((act === 'pin' || act === 'unpin') && who === 'member' && isInside && !state.kinds?.includes('direct')) {
    return 'FORBIDDEN'
  }
  return refusal
}

const say = (userId: string, roomId: string) =>
  server.caller(userId).message.send({ roomId, clientId: newId(), content: 'Said before' })

/** A room where all that an act needs is there: somebody else's message, and the writer's own. */
async function furnish(kind: Kind, isStranger: boolean) {
  const [owner, writer] = [`owner-${newId()}`, `writer-${newId()}`]
  for (const name of [owner, writer]) await server.caller(name).auth.me()
  const { room, message, reaction } = server.caller(owner)
  const memberIds = isStranger ? [] : [writer]
  const { id: roomId } =
    kind === 'direct'
      ? await room.direct({ userId: writer })
      : await room.create({ kind, name: 'Engine room', memberIds })
  const author = isStranger ? owner : writer
  const [root, pinned, own, doomed] = [
    await say(owner, roomId),
    await say(owner, roomId),
    await say(author, roomId),
    await say(author, roomId),
  ]
  if (!isStranger) await server.caller(writer).reaction.add({ roomId, messageId: own.id, emoji: '🔥' })
  if (kind === 'direct') await message.pin({ roomId, messageId: pinned.id })
  else await server.caller('host', { role: 'service' }).message.pin({ roomId, messageId: pinned.id })
  await reaction.add({ roomId, messageId: own.id, emoji: '👍' })
  const { id: sourceRoomId } = await server.caller(writer).room.create({ kind: 'group', name: 'Elsewhere' })
  const { id: sourceId } = await say(writer, sourceRoomId)
  return {
    roomId,
    owner,
    writer,
    rootId: root.id,
    pinnedId: pinned.id,
    ownId: own.id,
    doomedId: doomed.id,
    sourceRoomId,
    sourceId,
  }
}

type World = Awaited<ReturnType<typeof furnish>>

async function arrange({ roomId, writer }: World, { room, member }: State, role: MemberRole | undefined) {
  const { db } = server.app.services.database
  if (role === 'owner')
    await sql`update members set role = 'admin' where room_id = ${roomId} and role = 'owner'`.execute(db)
  const ofWriter = sql`where room_id = ${roomId} and user_id = ${writer}`
  if (role) await sql`update members set role = ${role} ${ofWriter}`.execute(db)
  if (member) await sql`update members set ${member} ${ofWriter}`.execute(db)
  if (room) await sql`update rooms set ${room} where id = ${roomId}`.execute(db)
}

const answerOf = async (call: () => Promise<unknown>): Promise<Answer> => (await refusalOf(call))?.reason ?? 'done'

/** Each act once; what is deleted goes last. */
async function tryAll(world: World, who: Who, sendLater: () => Promise<Answer>) {
  const { roomId, owner, writer, rootId, pinnedId, ownId, doomedId, sourceRoomId, sourceId } = world
  const { message, reaction, room, typing } = server.caller(writer, who === 'service' ? { role: 'service' } : {})
  const send = (more: { threadId?: string; mentions?: string[] } = {}) =>
    message.send({ roomId, clientId: newId(), content: 'Hello', ...more })
  const acts: [Act, () => Promise<unknown>][] = [
    ['send', () => send()],
    ['two sends at once', () => Promise.all([send(), send()])],
    ['thread reply', () => send({ threadId: rootId })],
    ['mention', () => send({ mentions: [owner] })],
    [
      'forward',
      () => message.forward({ roomId: sourceRoomId, messageId: sourceId, toRoomId: roomId, clientId: newId() }),
    ],
    ['edit', () => message.edit({ roomId, messageId: ownId, content: 'Said otherwise' })],
    ['react', () => reaction.add({ roomId, messageId: ownId, emoji: '👍' })],
    ['unreact', () => reaction.remove({ roomId, messageId: ownId, emoji: '🔥' })],
    ['pin', () => message.pin({ roomId, messageId: ownId })],
    ['unpin', () => message.unpin({ roomId, messageId: pinnedId })],
    ['nickname', () => room.settings({ roomId, nickname: 'Nick' })],
    ['type', () => typing.set({ roomId, isTyping: true })],
    ['stop typing', () => typing.set({ roomId, isTyping: false })],
    ['delete', () => message.delete({ roomId, messageId: doomedId })],
  ]
  const answers: Partial<Record<Act, Answer>> = {}
  if (who !== 'service') answers['scheduled send'] = await sendLater()
  for (const [act, call] of acts) answers[act] = await answerOf(call)
  return answers
}

/** Of a message that was scheduled before: it is due now, and this is what became of it. Slow mode puts it off. */
async function becomes(userId: string, scheduleId: string): Promise<Answer> {
  const { db } = server.app.services.database
  const { updatedAt: asked } = await server.caller(userId).schedule.update({ scheduleId, sendAt: new Date(0) })
  for (;;) {
    const row = await db
      .selectFrom('scheduled_messages')
      .select(['status', 'failure_reason', 'updated_at'])
      .where('id', '=', scheduleId)
      .executeTakeFirstOrThrow()
    if (row.status === 'sent') return 'done'
    if (row.status === 'failed') return REASONS.find((reason) => reason === row.failure_reason) ?? 'INTERNAL'
    if (row.status === 'pending' && row.updated_at > asked) return 'SLOW_MODE'
    await sleep(5)
  }
}

const REASONS: Answer[] = ['ROOM_ARCHIVED', 'ROOM_FROZEN', 'BLOCKED', 'MUTED', 'NOT_A_MEMBER', 'NOT_FOUND']

describe('the table of write rights', () => {
  /** Of every role where a role could make a difference, and of a service. */
  const whosOf = (kind: Kind, { isStranger, kinds = ['group'] }: State): Who[] =>
    kind !== kinds[0] || kind === 'direct' || isStranger ? ['member', 'service'] : [...MEMBER_ROLES, 'service']

  const cases = STATES.flatMap((state) =>
    (state.kinds ?? ['group']).map((kind) => ({ title: `${state.title} (${kind})`, state, kind })),
  )

  test.each(cases)('holds for every act of every role: $title', async ({ state, kind }) => {
    const whos = whosOf(kind, state)
    const answers = await Promise.all(whos.map((who) => answersTo(state, kind, who)))
    const acts = (who: Who): Act[] =>
      [...SENDS, ...CHANGES].filter((act) => who !== 'service' || act !== 'scheduled send')
    expect(Object.fromEntries(whos.map((who, index) => [who, answers[index]]))).toEqual(
      Object.fromEntries(
        whos.map((who) => [
          who,
          Object.fromEntries(acts(who).map((act) => [act, expected({ ...state, kinds: [kind] }, who, act)])),
        ]),
      ),
    )
  })

  async function answersTo(state: State, kind: Kind, who: Who) {
    const world = await furnish(kind, state.isStranger ?? false)
    const { roomId, writer } = world
    const later = { roomId, clientId: newId(), content: 'Later', sendAt: new Date(Date.now() + HOUR_MS) }
    const schedule = state.isStranger ? undefined : await server.caller(writer).schedule.create(later)
    const hasRole = who !== 'service' && !state.isStranger && kind !== 'direct'
    await arrange(world, state, hasRole ? who : undefined)
    // Who never was in the room has nothing scheduled there.
    return tryAll(world, who, async () => (schedule ? becomes(writer, schedule.id) : state.refusal))
  }

  test('knows one clock, the database’s: two hours ahead of it, a server still holds a mute of one', async () => {
    const world = await furnish('group', false)
    const { roomId, writer, ownId: messageId } = world
    const { message, room, typing } = server.caller(writer)
    await arrange(world, { title: '', member: MUTED, refusal: 'MUTED', toService: 'done' }, undefined)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * HOUR_MS })
    try {
      for (const write of [
        () => message.send({ roomId, clientId: newId(), content: 'Hello' }),
        () => message.edit({ roomId, messageId, content: 'Hello?' }),
        () => room.settings({ roomId, nickname: 'Nick' }),
        () => typing.set({ roomId, isTyping: true }),
      ]) {
        const refusal = await refusalOf(write)
        expect(refusal?.reason).toBe('MUTED')
        expect(refusal?.retryAfterMs).toBeLessThanOrEqual(HOUR_MS)
        expect(refusal?.retryAfterMs).toBeGreaterThan(HOUR_MS - 60_000)
      }
    } finally {
      vi.useRealTimers()
    }
  })

  test('comes before the words: who is muted is not told that they are not allowed', async () => {
    const world = await furnish('group', false)
    const { roomId, owner, writer, ownId: messageId } = world
    await server.caller(owner).wordFilter.update({ roomId, words: [{ pattern: 'darn', action: 'refuse' }] })
    const { message } = server.caller(writer)
    const send = () => message.send({ roomId, clientId: newId(), content: 'Darn' })
    const edit = () => message.edit({ roomId, messageId, content: 'Darn' })
    expect([await answerOf(send), await answerOf(edit)]).toEqual(['CONTENT_REFUSED', 'CONTENT_REFUSED'])
    await arrange(world, { title: '', member: MUTED, refusal: 'MUTED', toService: 'done' }, undefined)
    expect([await answerOf(send), await answerOf(edit)]).toEqual(['MUTED', 'MUTED'])
  })

  test('shows nobody typing whom a mute stopped, and takes the end of it', async () => {
    const { roomId, owner, writer } = await furnish('group', false)
    const [watcher, typist] = [await server.connect(owner), await server.connect(writer)]
    const list = watcher.typing.onChange.subscribe({ roomId })
    const idsOf = (typing: Typing | undefined) => typing?.users.map(({ id }) => id)
    const names = async () => idsOf((await list.next()).value)
    expect(await names()).toEqual([])
    await typist.typing.set.mutate({ roomId, isTyping: true })
    expect(await names()).toEqual([writer])
    await watcher.member.mute.mutate({ roomId, userId: writer })
    await typist.typing.set.mutate({ roomId, isTyping: false })
    expect(await names()).toEqual([])
    const again = typist.typing.set.mutate({ roomId, isTyping: true })
    await expect(again).rejects.toMatchObject({ data: { reason: 'MUTED' } })
    await list.return?.()
  })
})
