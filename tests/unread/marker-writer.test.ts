import { describe, expect, test } from 'vitest'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

describe('the marker writer', () => {
  test('refuses calls beyond those that may wait, and takes them again when it has written', async () => {
    const { id: roomId } = await server.caller('ada').room.create({ kind: 'group', name: 'Engine room' })
    const { seq } = await server.caller('ada').message.send({ roomId, clientId: newId(), content: 'Hello' })
    const { markers } = server.app.services
    const move = (userId: string) => markers.move({ tenantId: 'default', roomId, userId }, 'read', { seq })
    const results = await Promise.allSettled(
      Array.from({ length: 10_010 }, (_, index) => move(index % 2 ? 'ada' : `user ${index}`)),
    )
    const refused = results.slice(10_000)
    for (const result of refused) {
      expect(result).toMatchObject({ reason: { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } })
    }
    expect(results.slice(0, 10_000).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(await move('ada')).toBe(true)
  })
})
