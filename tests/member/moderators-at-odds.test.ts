import { describe, expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { raced } from '../support/raced.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

/** Ada owns the room, Ben and Cleo are its admins, the others its members. */
async function furnish(): Promise<string> {
  const names = ['ada', 'ben', 'cleo', 'dov', 'eve']
  for (const name of names) await server.caller(name).auth.me()
  const ada = server.caller('ada')
  const { id: roomId } = await ada.room.create({ kind: 'channel', name: 'Engine room', memberIds: names.slice(1) })
  for (const userId of ['ben', 'cleo']) await ada.member.setRole({ roomId, userId, role: 'admin' })
  return roomId
}

const race = (roomId: string, ...calls: (() => Promise<unknown>)[]) => raced(server.database.url, roomId, ...calls)
const outcomes = (results: PromiseSettledResult<unknown>[]) =>
  results.map((result) => {
    if (result.status === 'fulfilled') return 'DONE'
    if (result.reason instanceof ChatError) return result.reason.reason
    throw result.reason
  })

const memberOf = async (roomId: string, userId: string) =>
  (await server.caller('ada').member.list({ roomId })).items.find((member) => member.userId === userId)
const actsIn = async (roomId: string) =>
  (await server.caller('ada').audit.list({ roomId })).items.map(({ actorId, action, userId }) => [
    actorId,
    action,
    userId,
  ])

describe('moderators at odds', () => {
  test('who is demoted while asking for a ban does not ban', async () => {
    const roomId = await furnish()
    const results = await race(
      roomId,
      () => server.caller('ada').member.setRole({ roomId, userId: 'ben', role: 'member' }),
      () => server.caller('ben').member.ban({ roomId, userId: 'dov' }),
    )
    expect(outcomes(results)).toEqual(['DONE', 'FORBIDDEN'])
    expect(await memberOf(roomId, 'dov')).toMatchObject({ leftAt: null })
  })

  test('who is promoted first can not be banned by an equal; who is banned first can not be promoted', async () => {
    const [first, second] = [await furnish(), await furnish()]
    const promote = (roomId: string) => () =>
      server.caller('ada').member.setRole({ roomId, userId: 'dov', role: 'admin' })
    const ban = (roomId: string) => () => server.caller('ben').member.ban({ roomId, userId: 'dov' })
    expect(outcomes(await race(first, promote(first), ban(first)))).toEqual(['DONE', 'FORBIDDEN'])
    expect(await memberOf(first, 'dov')).toMatchObject({ role: 'admin' })
    expect(outcomes(await race(second, ban(second), promote(second)))).toEqual(['DONE', 'NOT_FOUND'])
    expect(await memberOf(second, 'dov')).toBeUndefined()
  })

  test('who has handed the room over can not remove the new owner any more', async () => {
    const roomId = await furnish()
    const results = await race(
      roomId,
      () => server.caller('ada').member.setRole({ roomId, userId: 'ben', role: 'owner' }),
      () => server.caller('ada').member.remove({ roomId, userId: 'ben' }),
    )
    expect(outcomes(results)).toEqual(['DONE', 'FORBIDDEN'])
    const { members } = await server.caller('ben').room.snapshot({ roomId })
    expect(members.filter(({ role }) => role === 'owner')).toMatchObject([{ userId: 'ben' }])
  })

  test('many acts on one member at once have one order, typed answers, and are written down where they were done', async () => {
    const roomId = await furnish()
    const before = (await actsIn(roomId)).length
    const on = { roomId, userId: 'dov' }
    // Which of more than two that wait comes next, Postgres leaves open.
    const results = await race(
      roomId,
      () => server.caller('ben').member.remove(on),
      () => server.caller('cleo').member.ban(on),
      () => server.caller('ada').member.setRole({ ...on, role: 'moderator' }),
      () => server.caller('ben').member.mute(on),
      () => server.caller('dov').room.join({ roomId }),
    )
    const [remove, ban, setRole, mute, join] = outcomes(results)
    expect(ban).toBe('DONE')
    for (const outcome of [remove, setRole, mute]) expect(['DONE', 'NOT_FOUND']).toContain(outcome)
    expect(['DONE', 'MEMBER_BANNED']).toContain(join)
    const acts = await actsIn(roomId)
    const done = [
      ...(remove === 'DONE' ? [['ben', 'member.remove', 'dov']] : []),
      ['cleo', 'member.ban', 'dov'],
      ...(setRole === 'DONE' ? [['ada', 'member.setRole', 'dov']] : []),
      ...(mute === 'DONE' ? [['ben', 'member.mute', 'dov']] : []),
    ]
    const written = acts.slice(0, acts.length - before)
    expect(written).toHaveLength(done.length)
    expect(written).toEqual(expect.arrayContaining(done))
    const { members, room } = await server.caller('ada').room.snapshot({ roomId })
    expect(members.map(({ userId }) => userId)).not.toContain('dov')
    expect(room.memberCount).toBe(members.length)
  })
})

describe('a send raced against moderation', () => {
  const say = (roomId: string, content: string) => () =>
    server.caller('dov').message.send({ roomId, clientId: newId(), content })

  test('of many at once, those before the ban stand and lie before it; nothing comes after', async () => {
    const roomId = await furnish()
    const sends = Array.from({ length: 40 }, (_, index) => say(roomId, `Number ${index}`)())
    const ban = server.caller('ada').member.ban({ roomId, userId: 'dov' })
    sends.push(...Array.from({ length: 40 }, (_, index) => say(roomId, `Late ${index}`)()))
    const results = await Promise.allSettled(sends)
    const { changedSeq } = await ban
    const seqs = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.seq] : []))
    expect(outcomes(results).filter((outcome) => outcome !== 'DONE' && outcome !== 'NOT_A_MEMBER')).toEqual([])
    for (const seq of seqs) expect(seq).toBeLessThan(changedSeq)
    const { items } = await server.caller('ada').message.list({ roomId, limit: 100 })
    expect(items.map(({ seq }) => seq).toReversed()).toEqual(seqs.toSorted((a, b) => a - b))
  })

  test('that waits while its sender is banned is refused', async () => {
    const roomId = await furnish()
    const ban = () => server.caller('ada').member.ban({ roomId, userId: 'dov' })
    expect(outcomes(await race(roomId, ban, say(roomId, 'Too late')))).toEqual(['DONE', 'NOT_A_MEMBER'])
  })

  test('that waits while its sender is muted is refused; one that waits while the mute is lifted is sent', async () => {
    const roomId = await furnish()
    const { member } = server.caller('ada')
    const mute = () => member.mute({ roomId, userId: 'dov' })
    expect(outcomes(await race(roomId, mute, say(roomId, 'Too late')))).toEqual(['DONE', 'MUTED'])
    const unmute = () => member.unmute({ roomId, userId: 'dov' })
    expect(outcomes(await race(roomId, unmute, say(roomId, 'In time')))).toEqual(['DONE', 'DONE'])
  })

  test('whose mute ends while it waits is sent', async () => {
    const roomId = await furnish()
    const until = new Date(Date.now() + 300)
    await server.caller('ada').member.mute({ roomId, userId: 'dov', until })
    const results = await race(roomId, say(roomId, 'At last'), async () => {
      while (Date.now() <= until.getTime()) await server.caller('eve').room.get({ roomId })
      await server.caller('ada').room.update({ roomId, description: 'The mute is over' })
    })
    expect(outcomes(results)).toEqual(['DONE', 'DONE'])
  })
})
