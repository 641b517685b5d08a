import { createTRPCClient, httpLink } from '@trpc/client'
import { type JWTPayload, SignJWT } from 'jose'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AppRouter } from '../../server/app-router.ts'
import { LIMITS } from '../../shared/limits.ts'
import { transformer } from '../../shared/transformer.ts'
import type { User } from '../../shared/user.ts'
import { newId, signToken, TEST_SECRET, useTestApp } from '../support/test-app.ts'
import { MATRIX } from './authorization-matrix.ts'
import { buildWorld, type CallerName, callerIn, copyWorld, rowsOf, type World } from './authorization-world.ts'
import { BAD_VALUES, inputFields } from './bad-input.ts'
import { callByPath, procedures } from './call-by-path.ts'
import { type Attempt, notRefused, refusalOf } from './refusal.ts'

const UNKNOWN_ID = '0190c2f0-7b1a-7c3e-8d4f-0123456789ab'

const server = useTestApp()
const database = () => server.app.services.database.db

let world: World
let before: string[]

beforeAll(async () => {
  world = await copyWorld(database(), await buildWorld(server))
  await as('owner').room.create({ kind: 'channel', name: 'Another channel' })
})

beforeEach(async () => {
  before = await rowsOf(database(), world.tenant)
})

const expectNothingWritten = async () => expect(await rowsOf(database(), world.tenant)).toEqual(before)

const as = (userId: string, role: 'user' | 'service' = 'user') => server.caller(userId, { tenant: world.tenant, role })

/** All of them are refused for this field, and nothing is written. */
async function expectRefused(field: string, attempts: Attempt[]) {
  expect(await notRefused(field, attempts)).toEqual([])
  await expectNothingWritten()
}

interface ValidCall {
  input: object
  call: (input: unknown) => Promise<unknown>
}

/** A valid input of the procedure, with this field in it if any of its uses has it, and the call by somebody who may. */
async function validCall(path: string, field?: string): Promise<ValidCall> {
  const { ids } = await callerIn(world, 'owner')
  const uses = (MATRIX[path] ?? []).map((entry) => {
    const input: object = Object(entry.input?.(ids))
    return { entry, input }
  })
  const use = uses.find(({ input }) => field !== undefined && field in input) ?? uses[0]
  const name: CallerName = use?.entry.outcome('owner') === 'FORBIDDEN' ? 'service' : 'owner'
  const { userId, role } = await callerIn(world, name)
  return { input: use?.input ?? {}, call: (input) => callByPath(as(userId, role), path, input) }
}

const inputs = Object.keys(procedures).flatMap((path) => {
  const input = inputFields(path)
  return input ? [{ path, ...input }] : []
})
const inputFieldsByName = inputs.flatMap(({ path, fields }) => fields.map(({ name: field }) => ({ path, field })))
const requiredFields = inputs.flatMap(({ path, fields, isUnion }) =>
  fields.filter(({ isRequired }) => isRequired && !isUnion).map(({ name: field }) => ({ path, field })),
)

describe('the fields of every input', () => {
  test.each(inputFieldsByName)('$path refuses a wrong $field and says so', async ({ path, field }) => {
    const { input, call } = await validCall(path, field)
    const bad = Object.entries(BAD_VALUES[`${path} ${field}`] ?? BAD_VALUES[field] ?? {})
    expect(bad.length, `${field} has no entry in bad-input.ts`).toBeGreaterThan(0)
    await expectRefused(
      field,
      bad.map(([what, value]) => [what, () => call({ ...input, [field]: value })]),
    )
  })

  test.each(requiredFields)('$path asks for a missing $field', async ({ path, field }) => {
    const { input, call } = await validCall(path, field)
    const { [field]: _, ...others } = { ...input, [field]: undefined }
    await expectRefused(field, [['missing', () => call(others)]])
  })

  test.each(inputs)('$path refuses unknown fields', async ({ path }) => {
    const { input, call } = await validCall(path)
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`unexpected.${index}`, index]))
    await expectRefused('unexpected', [
      ['one', () => call({ ...input, unexpected: true })],
      ['fifty', () => call({ ...input, ...many })],
    ])
  })

  test.each(inputs)('$path refuses what is no object', async ({ path }) => {
    const { call } = await validCall(path)
    const values = [null, 'text', 42, true, [], [{}]]
    await expectRefused(
      '',
      values.map((value) => [JSON.stringify(value), () => call(value)]),
    )
  })
})

/** The procedures that have this field. */
const having = (name: string) =>
  inputs.filter(({ fields }) => fields.some((field) => field.name === name)).map(({ path }) => path)

const follow = async (roomId: string) => (await as('owner').room.onEvent({ roomId }))[Symbol.asyncIterator]()

describe('ids of nothing', () => {
  test.each(having('roomId'))('%s finds no unknown room', async (path) => {
    const { input, call } = await validCall(path, 'roomId')
    expect(await refusalOf(() => call({ ...input, roomId: UNKNOWN_ID }))).toMatchObject({ reason: 'NOT_FOUND' })
    await expectNothingWritten()
  })

  test.each(having('messageId'))('%s finds no unknown message', async (path) => {
    const { input, call } = await validCall(path, 'messageId')
    expect(await refusalOf(() => call({ ...input, messageId: UNKNOWN_ID }))).toMatchObject({ reason: 'NOT_FOUND' })
    await expectNothingWritten()
  })

  test('a member or a user who is not there is not found', async () => {
    const { roomId } = world.places.group
    const nobody = { roomId, userId: 'nobody' }
    const calls = [
      () => as('owner').member.remove(nobody),
      () => as('owner').member.setRole({ ...nobody, role: 'admin' }),
      () => as('owner').member.mute(nobody),
      () => as('owner').member.unmute(nobody),
      () => as('owner').member.ban(nobody),
      () => as('owner').member.unban(nobody),
      () => as('owner').user.block({ userId: 'nobody' }),
      () => as('owner').user.unblock({ userId: 'nobody' }),
      () => as('owner').report.resolve({ reportId: UNKNOWN_ID, action: 'dismiss' }),
      () => as('host', 'service').user.ban({ userId: 'nobody' }),
      () => as('host', 'service').user.unban({ userId: 'nobody' }),
      () => as('owner').user.get({ userId: 'nobody' }),
      () => as('host', 'service').auth.revokeAll({ userId: 'nobody' }),
    ]
    for (const call of calls) expect(await refusalOf(call)).toMatchObject({ reason: 'NOT_FOUND' })
    await expectNothingWritten()
  })

  test('users to bring in who do not exist are named by their place, and nobody is brought in', async () => {
    const { roomId } = world.places.group
    const kind = 'group'
    const name = 'Room'
    const memberIds = ['newcomer', 'nobody']
    const calls: [field: string, call: () => Promise<unknown>][] = [
      ['memberIds.1', () => as('owner').room.create({ kind, name, memberIds })],
      ['memberIds.2', () => as('owner').room.create({ kind, name, memberIds: ['owner', ...memberIds] })],
      ['ownerId', () => as('host', 'service').room.create({ kind, name, ownerId: 'nobody' })],
      ['userIds.1', () => as('owner').member.add({ roomId, userIds: memberIds })],
      ['userId', () => as('owner').room.direct({ userId: 'nobody' })],
      ['userId', () => as('owner').room.direct({ userId: 'owner' })],
    ]
    for (const [field, call] of calls) await expectRefused(field, [['nobody', call]])
  })

  test('a reply to a message that is not there names the field', async () => {
    const { roomId } = world.places.group
    const message = { roomId, clientId: newId(), content: 'Yes', replyToId: UNKNOWN_ID }
    await expectRefused('replyToId', [['unknown', () => as('owner').message.send(message)]])
  })

  test('a room id in capital letters is the same room, also for its stream', async () => {
    const { roomId } = world.places.group
    const { feeds } = server.app.services
    const [small, capital] = [await follow(roomId), await follow(roomId.toUpperCase())]
    try {
      await small.next()
      await capital.next()
      // One feed for one room: another one would listen on a channel that nobody publishes to.
      expect(feeds.size).toBe(1)
    } finally {
      await small.return?.()
      await capital.return?.()
    }
  })
})

describe('names', () => {
  const meant = 'Café 李 👩‍🚀'
  const typed = '  Cafe\u0301 李 👩‍🚀\u3000'

  test('they are normalised and trimmed wherever one is given', async () => {
    const { ada, host } = { ada: server.caller('ada'), host: server.caller('host', { role: 'service' }) }
    const room = await ada.room.create({ kind: 'group', name: typed })
    expect(room.name).toBe(meant)
    expect((await ada.room.update({ roomId: room.id, name: typed })).name).toBe(meant)
    expect((await ada.user.update({ name: typed })).name).toBe(meant)
    expect((await host.user.upsert({ id: 'grace', name: typed })).name).toBe(meant)
    await ada.presence.set({ status: 'busy', text: typed })
    expect(await ada.presence.get({ userIds: ['ada'] })).toMatchObject([{ text: meant }])
  })

  test.each(['Łukasz Żółć', 'Мария', '李小龙', "O'Neil <b>&amp;", '👨‍👩‍👧‍👦', '🇵🇱', '❤️', 'x'.repeat(LIMITS.name)])(
    '"%s" is one',
    async (name) => {
      expect(await server.caller('ada').user.update({ name })).toMatchObject({ name })
    },
  )

  test.each([
    ['an id that is not normalised', { sub: 'jose\u0301' }, 'jos\u00e9'],
    ['an id longer than a name, cut between characters', { sub: `${'i'.repeat(99)}😀` }, 'i'.repeat(99)],
    ['a claim with invisible characters', { sub: 'ida', name: ' I\u202eda\0\n\u200b Rhodes\ud800 ' }, 'Ida Rhodes'],
    ['a claim that is too long, cut between characters', { sub: 'mary', name: `${'m'.repeat(99)}😀` }, 'm'.repeat(99)],
    ['a claim that shows nothing', { sub: 'edith', name: '\u202e\u3164' }, 'edith'],
  ])('%s is mended into one', async (_, claims, name) => {
    expect(await signIn(claims)).toMatchObject({ name })
  })

  test('so is the name of a user who is brought in by id alone', async () => {
    const host = server.caller('host', { role: 'service' })
    expect(await host.user.upsert({ id: 'rene\u0301' })).toMatchObject({ name: 'ren\u00e9' })
    expect(await host.user.upsert({ id: `${'h'.repeat(99)}😀` })).toMatchObject({ name: 'h'.repeat(99) })
  })

  test.each(['javascript:alert(1)', 'https://example.com/\0', 'https://example.com/\ud800', 'x'])(
    'a token whose picture is %j lets its user in without it',
    async (picture) => {
      expect(await signIn({ sub: newId(), picture })).toMatchObject({ pictureUrl: null })
    },
  )
})

describe('what a message says', () => {
  test.each([
    ['with line breaks, tabs and direction characters', ' a\r\n\tb\u202e\u200bc '],
    ['as long as may be', 'x'.repeat(LIMITS.content)],
    ['in several scripts', 'שלום 👋🏽 สวัสดี e\u0301'],
    ['that looks like markup', '<script>alert(1)</script>'],
    ['that looks like SQL', "'; drop table messages; --"],
  ])('a text %s is kept exactly as sent', async (_, content) => {
    const ada = server.caller('ada')
    const room = await ada.room.create({ kind: 'group', name: 'Room' })
    const { id: messageId } = await ada.message.send({ roomId: room.id, clientId: newId(), content })
    expect(await ada.message.get({ roomId: room.id, messageId })).toMatchObject({ content })
  })
})

describe('positions', () => {
  test('a position of another room, or from beyond the end, is answered by a reset', async () => {
    const { group, second } = world.places
    const { roomId } = group
    const [epoch] = group.position.split('.')
    for (const after of [second.position, `${epoch}.${Number.MAX_SAFE_INTEGER}`, '0123456789ab.0']) {
      const { events, position } = await as('owner').room.changes({ roomId, after })
      expect(events).toMatchObject([{ type: 'reset', reason: 'epoch' }])
      expect(position.split('.')[0]).toBe(epoch)
      const stream = (await as('owner').room.onEvent({ roomId, lastEventId: after }))[Symbol.asyncIterator]()
      await stream.next()
      expect((await stream.next()).value).toMatchObject({ data: { type: 'reset', reason: 'epoch' } })
      await stream.return?.()
    }
  })

  test('a header that an EventSource sends is read as strictly as the input', async () => {
    const url = new URL(`${server.url}/trpc/room.onEvent`)
    url.searchParams.set('input', JSON.stringify({ json: { roomId: world.places.group.roomId } }))
    const authorization = `Bearer ${await signToken('owner', { tenant: world.tenant })}`
    const response = await fetch(url, { headers: { authorization, 'last-event-id': 'latest' } })
    expect(await response.text()).toContain('"issues":[{"path":"lastEventId"')
  })
})

/** A client over HTTP alone. */
const typedClient = (token: string) =>
  createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${server.url}/trpc`, transformer, headers: { authorization: `Bearer ${token}` } })],
  })

/** The user that a token with these claims makes. */
async function signIn(claims: JWTPayload): Promise<User> {
  const now = Math.floor(Date.now() / 1_000)
  const token = await new SignJWT({ iat: now, exp: now + 60, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(TEST_SECRET))
  return (await typedClient(token).auth.me.query()).user
}
