import { describe, expect, test } from 'vitest'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

describe('slow mode', () => {
  const sentAgo = (roomId: string, seconds: number) =>
    server.app.services.database.db
      .updateTable('members')
      .set({ last_sent_at: new Date(Date.now() - seconds * 1_000) })
      .where('room_id', '=', roomId)
      .where('user_id', '=', 'ben')
      .execute()

  async function slowRoom() {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    await server.caller('ada').room.update({ roomId, slowModeSeconds: 60 })
    await server.caller('ada').member.setRole({ roomId, userId: 'cleo', role: 'moderator' })
    return {
      roomId,
      say: (name: string, clientId = newId()) =>
        server.caller(name).message.send({ roomId, clientId, content: 'Hello' }),
    }
  }

  const waits = (results: PromiseSettledResult<unknown>[]) =>
    results.flatMap((result) => (result.status === 'rejected' ? [Object(result.reason)] : []))

  test('says how long to wait, of a send before and of one in the same batch', async () => {
    const { roomId, say } = await slowRoom()
    const together = waits(await Promise.allSettled([say('ben'), say('ben')]))
    expect(together).toMatchObject([{ reason: 'SLOW_MODE' }])
    expect(together[0].retryAfterMs).toBeGreaterThan(50_000)
    await sentAgo(roomId, 20)
    const [later] = waits(await Promise.allSettled([say('ben')]))
    expect(later.retryAfterMs).toBeGreaterThan(30_000)
    expect(later.retryAfterMs).toBeLessThanOrEqual(40_000)
    await sentAgo(roomId, 61)
    expect(await say('ben')).toMatchObject({ content: 'Hello' })
  })

  test('counts no send of the same batch that was refused for another reason', async () => {
    const { roomId, say } = await slowRoom()
    const answer = { roomId, clientId: newId(), content: 'An answer', replyToId: newId() }
    const outcomes = await Promise.allSettled([server.caller('ben').message.send(answer), say('ben'), say('ben')])
    expect(waits(outcomes)).toMatchObject([{ reason: 'INVALID_INPUT' }, { reason: 'SLOW_MODE' }])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
  })

  test('spares moderators, and repetitions, which use nobody up', async () => {
    const { roomId, say } = await slowRoom()
    for (const name of ['ada', 'ada', 'cleo', 'cleo']) await say(name)
    const clientId = newId()
    const { id } = await say('ben', clientId)
    expect(await say('ben', clientId)).toMatchObject({ id })
    await sentAgo(roomId, 61)
    const [repeated, fresh] = await Promise.all([say('ben', clientId), say('ben')])
    expect(repeated.id).toBe(id)
    expect(fresh.id).not.toBe(id)
  })
})
