import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { type ChatClient, createChatClient } from '../shared/index.ts'
import { openBenchPostgres } from './harness/bench-postgres.ts'
import { launchServer, tokenOf } from './harness/launched-server.ts'

/*
 * What one user's flood costs another: Mallory keeps 60 calls under way on each of 90 connections, with no client's manners, while Hugo
 * sends a message every 200 ms. Compared is how long Hugo waits, without the flood and with each kind of it. The flood runs in a process
 * of its own at a low priority: what it costs to make is not what it costs to stand.
 */

const CONNECTIONS = 90
const UNDER_WAY = 60
/** Within the limit of sends, or Hugo waits for himself. */
const PACE_MS = 200

/** What Mallory calls, over and over. */
const FLOODS = {
  'no such procedure': () => ({ method: 'query', params: { path: 'no.such' } }),
  'a small query': (roomId: string) => ({ method: 'query', params: { path: 'room.get', input: { json: { roomId } } } }),
  'a hundred long messages': (roomId: string) => ({
    method: 'query',
    params: { path: 'message.list', input: { json: { roomId, limit: 100 } } },
  }),
  'a send': (roomId: string) => {
    const input = { json: { roomId, clientId: randomUUID(), content: 'Buy now' } }
    return { method: 'mutation', params: { path: 'message.send', input } }
  },
}

type FloodName = keyof typeof FLOODS

function connect(url: string, token: string, call: () => object): void {
  let id = 0
  const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc?connectionParams=1`, { perMessageDeflate: false })
  const ask = () => socket.send(JSON.stringify({ id: ++id, ...call() }))
  socket.on('error', () => undefined)
  socket.once('open', () => {
    socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
    for (let count = 0; count < UNDER_WAY; count++) ask()
    socket.on('message', ask)
  })
}

async function timesOf(hugo: ChatClient, roomId: string, seconds: number): Promise<number[]> {
  const times: number[] = []
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    const begunAt = performance.now()
    await hugo.message.send.mutate({ roomId, clientId: randomUUID(), content: 'How are you?' })
    times.push(performance.now() - begunAt)
    await sleep(PACE_MS)
  }
  return times.toSorted((a, b) => a - b)
}

const percentile = (sorted: number[], share: number) =>
  (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)

async function measure(seconds: number): Promise<void> {
  await using postgres = await openBenchPostgres()
  await using database = await postgres.createDatabase()
  await using server = await launchServer({ DATABASE_URL: database.url, RATE_LIMIT: 'on' })
  const { url } = server
  const chatOf = async (user: string) => createChatClient({ url, token: await tokenOf(user) })
  const [hugo, mallory] = [await chatOf('hugo'), await chatOf('mallory')]
  const { id: theirs } = await mallory.room.create.mutate({ kind: 'group', name: 'Letters' })
  const { id: his } = await hugo.room.create.mutate({ kind: 'group', name: 'Harbour' })
  const content = 'A long letter. '.repeat(500)
  for (let count = 0; count < 100; count++) {
    await mallory.message.send.mutate({ roomId: theirs, clientId: randomUUID(), content })
  }
  const report = async (name: string) => {
    const times = await timesOf(hugo, his, seconds)
    const waits = `p50 ${percentile(times, 0.5)} ms, p90 ${percentile(times, 0.9)} ms, p99 ${percentile(times, 0.99)} ms, at most ${percentile(times, 1 - 1e-9)} ms`
    process.stdout.write(`${name.padEnd(24)}  ${waits} (${times.length} sends)\n`)
  }
  await report('nobody else')
  const token = await tokenOf('mallory')
  for (const name of Object.keys(FLOODS)) {
    const flood = fork(fileURLToPath(import.meta.url), [
      '--flood',
      name,
      '--url',
      url,
      '--room',
      theirs,
      '--token',
      token,
    ])
    await once(flood, 'message')
    await report(name)
    const gone = once(flood, 'exit')
    flood.kill()
    await gone
  }
  await Promise.all([hugo.close(), mallory.close()])
}

const isFlood = (name: string): name is FloodName => name in FLOODS

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    flood: { type: 'string' },
    url: { type: 'string', default: '' },
    room: { type: 'string', default: '' },
    token: { type: 'string', default: '' },
  },
})
if (values.flood !== undefined && isFlood(values.flood)) {
  const call = FLOODS[values.flood]
  setPriority(10)
  for (let count = 0; count < CONNECTIONS; count++) connect(values.url, values.token, () => call(values.room))
  await sleep(2_000)
  process.send?.('flooding')
} else {
  await measure(Number(values.seconds))
}
