import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { promptWebSocket } from '../../shared/prompt-web-socket.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Whoever connects is heard of no more until `wake`. */
async function startSleeper({ upgrades }: { upgrades: boolean }) {
  const http = createServer()
  const sleepers: ServerSocket[] = []
  const wss = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request, socket, head) => {
    ends.push(() => socket.destroy())
    if (!upgrades) return
    wss.handleUpgrade(request, socket, head, (sleeper) => {
      sleeper.pause()
      sleepers.push(sleeper)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  ends.unshift(() => http.close())
  const { port }: AddressInfo = JSON.parse(JSON.stringify(http.address()))
  return { url: `ws://127.0.0.1:${port}`, sleepers }
}

const CLOSE_MS = 100
const Prompt = promptWebSocket(WebSocket, { openMs: 200, closeMs: CLOSE_MS })

describe('a prompt WebSocket', () => {
  test('ends soon after its close where the other end sleeps, once, and hears no more when that wakes up', async () => {
    const { url, sleepers } = await startSleeper({ upgrades: true })
    const socket = new Prompt(url)
    await once(socket, 'open')
    const heard: string[] = []
    for (const type of ['message', 'error', 'close']) socket.addEventListener(type, () => heard.push(type))
    socket.close()
    await once(socket, 'close')
    expect(socket.readyState).toBe(WebSocket.CLOSING)
    for (const sleeper of sleepers) {
      sleeper.send('Good morning')
      sleeper.resume()
    }
    await expect.poll(() => socket.readyState).toBe(WebSocket.CLOSED)
    expect(heard).toEqual(['close'])
  })

  test('closes as ever where the other end answers', async () => {
    const { url, sleepers } = await startSleeper({ upgrades: true })
    const socket = new Prompt(url)
    await once(socket, 'open')
    sleepers[0]?.resume()
    socket.close(4_000, 'Enough')
    const [event] = await once(socket, 'close')
    expect(event).toMatchObject({ code: 4_000, wasClean: true })
  })

  test('ends where its upgrade is not answered', async () => {
    const { url } = await startSleeper({ upgrades: false })
    const socket = new Prompt(url)
    const failed = once(socket, 'error').catch(() => 'error')
    await once(socket, 'close')
    expect(await failed).toBeDefined()
  })
})
