import { beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../../shared/limits.ts'
import { longestHold } from '../support/loop-hold.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** What a caller may hold the loop at most, with a margin for clients in the same process and a busy machine. */
const HOLD_MS = 100
/** As many sends as one user has in ten seconds. */
const SENDS = 60

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const wildcards = many(LIMITS.filterWildcards, (index) => ({
  pattern: `a* a* a* a* b${index}*`,
  action: 'mask' as const,
}))
const words = many(LIMITS.filterWords - LIMITS.filterWildcards, (index) => ({
  pattern: `a a a a b${index}`,
  action: 'flag' as const,
}))
const TEXTS: [name: string, text: string][] = [
  ['one word over and over', 'a '.repeat(LIMITS.content / 2)],
  ['signs that stand for four words each', '\u2a0c'.repeat(LIMITS.content)],
  [
    'marks upon marks, not in their order',
    `a${'\u0301'.repeat(LIMITS.content / 2)}${'\u0323'.repeat(LIMITS.content / 2 - 1)}`,
  ],
]

/** A room whose owner set the worst filter, and another member. */
async function roomOf(owner: string, member: string): Promise<string> {
  for (const userId of [owner, member]) await server.caller(userId).auth.me()
  const room = await server.caller(owner).room.create({ kind: 'group', name: 'Engine room', memberIds: [member] })
  await server.caller(owner).wordFilter.update({ roomId: room.id, words: [...wildcards, ...words] })
  return room.id
}

// What is compiled by the machine is so by then.
beforeAll(async () => {
  const [ada, ben] = [newId(), newId()]
  const roomId = await roomOf(ada, ben)
  await server.caller(ben).message.send({ roomId, clientId: newId(), content: 'a b c' })
})

test.each(TEXTS)('sends at once of %s do not hold the loop', async (_, content) => {
  const [owner, member] = [newId(), newId()]
  const roomId = await roomOf(owner, member)
  // Not in one frame, which such texts together would be too large for.
  const ben = server.caller(member)
  const { result, cpuMs } = await longestHold(() =>
    Promise.all(many(SENDS, () => ben.message.send({ roomId, clientId: newId(), content }))),
  )
  expect(result).toHaveLength(SENDS)
  expect(cpuMs).toBeLessThan(HOLD_MS)
})

test('edits at once do not hold the loop, and count as sends', async () => {
  const [owner, member] = [newId(), newId()]
  const roomId = await roomOf(owner, member)
  const { id: messageId } = await server.caller(member).message.send({ roomId, clientId: newId(), content: 'Hello' })
  const client = await server.connect(member, {}, { maxWaitMs: 0 })
  await client.auth.me.query()
  const edit = (index: number) =>
    client.message.edit.mutate({ roomId, messageId, content: `${'a '.repeat(3_990)} ${index}` })
  const { result, cpuMs } = await longestHold(() => Promise.allSettled(many(SENDS, edit)))
  expect(result.map(({ status }) => status)).toEqual(many(SENDS, () => 'fulfilled'))
  expect(cpuMs).toBeLessThan(HOLD_MS)
  const refusal = { data: { reason: 'RATE_LIMITED' } }
  await expect(edit(SENDS)).rejects.toMatchObject(refusal)
  await expect(client.message.send.mutate({ roomId, clientId: newId(), content: 'Hello' })).rejects.toMatchObject(
    refusal,
  )
})

test('the worst filter is compiled without holding the loop', async () => {
  const owner = newId()
  const { id: roomId } = await server.caller(owner).room.create({ kind: 'group', name: 'Engine room' })
  const client = await server.connect(owner, {}, { maxWaitMs: 0 })
  const letters = many(LIMITS.filterPattern - 1, (index) => String.fromCodePoint(0xac00 + index * 7)).join('')
  const worst = many(LIMITS.filterWords, (index) => ({
    pattern: `${letters.slice(index % 10)}${index < LIMITS.filterWildcards ? '*' : ''}`,
    action: 'mask' as const,
  }))
  const { cpuMs } = await longestHold(() =>
    Promise.all(many(8, () => server.caller(owner).wordFilter.update({ roomId, words: worst }))),
  )
  expect(cpuMs).toBeLessThan(HOLD_MS)
  expect((await client.wordFilter.get.query({ roomId })).words).toHaveLength(LIMITS.filterWords)
})

test('nothing is judged for who may not write', async () => {
  const [owner, member, stranger] = [newId(), newId(), newId()]
  const roomId = await roomOf(owner, member)
  const mine = await server.caller(member).message.send({ roomId, clientId: newId(), content: 'Hello' })
  await server.caller(stranger).auth.me()
  await server.caller(owner).member.mute({ roomId, userId: member })
  await server.caller(owner).wordFilter.update({ roomId, words: [{ pattern: 'a*', action: 'refuse' }] })
  const send = (userId: string, content: string, clientId = newId()) =>
    server.caller(userId).message.send({ roomId, clientId, content })
  // A judgement would say that the words are not allowed here.
  await expect(send(stranger, 'a')).rejects.toMatchObject({ reason: 'NOT_FOUND' })
  await expect(send(member, 'a')).rejects.toMatchObject({ reason: 'MUTED', retryAfterMs: expect.any(Number) })
  const edit = (userId: string, messageId: string) =>
    server.caller(userId).message.edit({ roomId, messageId, content: 'a' })
  await expect(edit(member, mine.id)).rejects.toMatchObject({ reason: 'MUTED' })
  await expect(edit(owner, mine.id)).rejects.toMatchObject({ reason: 'FORBIDDEN' })
  await expect(edit(owner, newId())).rejects.toMatchObject({ reason: 'NOT_FOUND' })
  await expect(edit(stranger, mine.id)).rejects.toMatchObject({ reason: 'NOT_FOUND' })
  // The same send again is no other one.
  expect(await send(member, 'Hello', mine.clientId)).toEqual(mine)
  await expect(server.caller(member).wordFilter.update({ roomId, words: [] })).rejects.toMatchObject({
    reason: 'FORBIDDEN',
  })
})
