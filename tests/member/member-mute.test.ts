import { describe, expect, test } from 'vitest'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const HOUR = 3_600_000

const { roomOf } = server

/** Lets a mute end now: no test waits for it. */
const endNow = (roomId: string, userId: string) =>
  server.app.services.database.db
    .updateTable('members')
    .set({ muted_until: new Date(Date.now() - 1) })
    .where('room_id', '=', roomId)
    .where('user_id', '=', userId)
    .execute()

describe('member.mute', () => {
  test('lasts until its time, says how long, and passes by itself', async () => {
    const roomId = await roomOf('ada', 'ben')
    const ben = server.caller('ben')
    const send = () => ben.message.send({ roomId, clientId: newId(), content: 'Hello' })
    const { id: messageId } = await send()
    const until = new Date(Date.now() + HOUR)
    await server.caller('ada').member.mute({ roomId, userId: 'ben', until, reason: 'Too loud' })
    const { items } = await ben.member.list({ roomId })
    expect(items.find(({ userId }) => userId === 'ben')?.mutedUntil).toEqual(until)
    for (const write of [send, () => ben.message.edit({ roomId, messageId, content: 'HELLO' })]) {
      const refusal: unknown = await write().catch((error: unknown) => error)
      expect(refusal).toMatchObject({ reason: 'MUTED' })
      expect(Object(refusal).retryAfterMs).toBeGreaterThan(HOUR - 60_000)
      expect(Object(refusal).retryAfterMs).toBeLessThanOrEqual(HOUR)
    }
    await endNow(roomId, 'ben')
    expect(await send()).toMatchObject({ content: 'Hello' })
  })
})
