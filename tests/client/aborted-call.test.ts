import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createChatClient } from '../../shared/index.ts'
import { newId, signToken } from '../support/test-app.ts'

/** Takes connections and never answers. */
const sockets = new Set<Socket>()
const server = createServer((socket) => sockets.add(socket))
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('a call that is given up is not tried again', async () => {
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The server has no address')
  // The longest pauses that there may be between tries: 7.5 s for all of them.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.999)
  const chat = createChatClient({
    url: `http://127.0.0.1:${address.port}`,
    token: () => signToken('ada'),
    calls: 'http',
  })
  const input = { roomId: newId(), clientId: newId(), content: 'Hello' }
  const giveUp = new AbortController()
  const sent = chat.message.send.mutate(input, { signal: giveUp.signal })
  await once(server, 'connection')
  const givenUpAt = performance.now()
  giveUp.abort()
  await expect(sent).rejects.toThrow(/abort/i)
  expect(performance.now() - givenUpAt).toBeLessThan(5_000)
  random.mockRestore()
  await chat.close()
})
