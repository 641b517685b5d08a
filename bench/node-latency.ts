import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type ChatClient, createChatClient } from '../shared/index.ts'
import { openBenchPostgres } from './harness/bench-postgres.ts'
import { givenRedisUrl, launchServer, tokenOf } from './harness/launched-server.ts'

/*
 * What a second node adds to a message's way: two servers in processes of their own on one Postgres and one Redis (REDIS_URL), a subscriber
 * on each, a message at a time sent on the first. Compared is when each of the two subscribers has it.
 */

const MESSAGES = 2_000
const WARM_UP = 200
const PACE_MS = 5

/** Writes down when each message came in, by its clientId. */
async function follow(chat: ChatClient, roomId: string): Promise<Map<string, number>> {
  const seen = new Map<string, number>()
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  chat.room.onEvent.subscribe(
    { roomId },
    {
      onData: ({ data }) => {
        if (data.type === 'ready') resolve()
        if (data.type === 'message.created') seen.set(data.message.clientId, performance.now())
      },
    },
  )
  await ready
  return seen
}

const percentile = (sorted: number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN

await using postgres = await openBenchPostgres()
await using database = await postgres.createDatabase()
const settings = { DATABASE_URL: database.url, REDIS_URL: givenRedisUrl() }
await using here = await launchServer(settings)
await using there = await launchServer(settings)

const [ada, ben] = await Promise.all(
  [
    { url: here.url, user: 'ada' },
    { url: there.url, user: 'ben' },
  ].map(async ({ url, user }) => createChatClient({ url, token: await tokenOf(user) })),
)
if (!ada || !ben) throw new Error('Two clients were made')
await Promise.all([ada.auth.me.query(), ben.auth.me.query()])
const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Latency', memberIds: ['ben'] })
const [seenHere, seenThere] = [await follow(ada, roomId), await follow(ben, roomId)]

const added: number[] = []
const whole: number[] = []
for (let count = 0; count < WARM_UP + MESSAGES; count++) {
  const clientId = randomUUID()
  const sentAt = performance.now()
  await ada.message.send.mutate({ roomId, clientId, content: 'How long does it take?' })
  while (!seenThere.has(clientId) || !seenHere.has(clientId)) await delay(1)
  if (count < WARM_UP) continue
  added.push((seenThere.get(clientId) ?? Number.NaN) - (seenHere.get(clientId) ?? Number.NaN))
  whole.push((seenThere.get(clientId) ?? Number.NaN) - sentAt)
  await delay(PACE_MS)
}
await Promise.all([ada.close(), ben.close()])

for (const [name, values] of [
  ['added by the second node', added],
  ['from the send to the subscriber there', whole],
] as const) {
  const sorted = values.toSorted((a, b) => a - b)
  const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)]
  process.stdout.write(`${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, of ${sorted.length} messages\n`)
}
