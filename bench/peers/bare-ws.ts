import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { listen } from './listen.ts'
import { sampleEvent } from './sample-event.ts'
import { publishTurns, serveParent } from './server-calls.ts'

/*
 * The floor of fan-out: everybody who connects gets every event, as one buffer that is made once and sent in a loop. No rooms, no
 * rights, no resume.
 */

const http = createServer()
const wss = new WebSocketServer({ server: http, perMessageDeflate: false })
const everybody = new Set<WebSocket>()

wss.on('connection', (socket) => {
  everybody.add(socket)
  socket.on('error', () => socket.terminate())
  socket.on('close', () => everybody.delete(socket))
})

function broadcast(frame: Buffer): void {
  for (const socket of everybody) socket.send(frame, { binary: false })
}

serveParent(await listen(http), {
  seed: async () => undefined,
  publish: (plan) =>
    publishTurns(plan, (mark, room) => {
      const data = sampleEvent(mark, room, mark + 1, plan.textLength)
      broadcast(Buffer.from(JSON.stringify({ id: 1, result: { type: 'data', data: { id: String(data.seq), data } } })))
    }),
})
