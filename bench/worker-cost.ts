import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type ChatClient, createChatClient } from '../shared/index.ts'
import { openBenchPostgres } from './harness/bench-postgres.ts'
import { givenRedisUrl, launchServer, tokenOf } from './harness/launched-server.ts'
import { cpuOfFamily } from './harness/process-usage.ts'

/*
 * What a delivery costs where the subscribers of a room are spread over two workers that a Redis joins (REDIS_URL), against one process without Redis:
 * user and system time of all processes of the server over all deliveries, sending included. Rounds alternate between the two.
 */

const ROUNDS = 3
const SUBSCRIBERS = 1_000
const MESSAGES_PER_SECOND = 8
const WARM_UP_MS = 5_000
const MEASURED_MS = 10_000
const USERS = 50

const redisUrl = givenRedisUrl()
await using postgres = await openBenchPostgres()

/** Microseconds of CPU for each delivery. */
async function costOf(workers: number): Promise<{ microseconds: number; deliveries: number }> {
  await using closing = new AsyncDisposableStack()
  const database = closing.use(await postgres.createDatabase())
  const server = closing.use(
    await launchServer({
      DATABASE_URL: database.url,
      WORKERS: `${workers}`,
      ...(workers > 1 ? { REDIS_URL: redisUrl } : {}),
    }),
  )
  const users = Array.from({ length: USERS }, (_, user) => `user-${user}`)
  const clients: ChatClient[] = []
  closing.defer(async () => void (await Promise.all(clients.map((client) => client.close()))))
  for (let count = 0; count < SUBSCRIBERS; count++) {
    clients.push(createChatClient({ url: server.url, token: await tokenOf(users[count % USERS] ?? '') }))
  }
  await Promise.all(clients.map((client) => client.auth.me.query()))
  const [sender] = clients
  if (!sender) throw new Error('Clients were made')
  const { id: roomId } = await sender.room.create.mutate({ kind: 'group', name: 'Cost', memberIds: users.slice(1) })
  let deliveries = 0
  await Promise.all(
    clients.map((client) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      client.room.onEvent.subscribe(
        { roomId },
        {
          onData: ({ data }) => (data.type === 'message.created' ? deliveries++ : resolve()),
          onError: reject,
        },
      )
      return promise
    }),
  )
  const talk = async (durationMs: number) => {
    const startedAt = performance.now()
    for (let sent = 0; performance.now() - startedAt < durationMs; sent++) {
      await sender.message.send.mutate({
        roomId,
        clientId: randomUUID(),
        content: 'What does it cost to be told of this?',
      })
      await delay(Math.max(0, startedAt + ((sent + 1) * 1_000) / MESSAGES_PER_SECOND - performance.now()))
    }
    await delay(200)
  }
  await talk(WARM_UP_MS)
  const before = { deliveries, seconds: cpuOfFamily(server.pid) }
  await talk(MEASURED_MS)
  const measured = deliveries - before.deliveries
  return { microseconds: ((cpuOfFamily(server.pid) - before.seconds) * 1e6) / measured, deliveries: measured }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const [one, two, ratios]: [number[], number[], number[]] = [[], [], []]
for (let round = 1; round <= ROUNDS; round++) {
  const [alone, together] = [await costOf(1), await costOf(2)]
  one.push(alone.microseconds)
  two.push(together.microseconds)
  ratios.push(together.microseconds / alone.microseconds)
  process.stdout.write(
    `round ${round}: one process ${alone.microseconds.toFixed(1)} µs, two workers ${together.microseconds.toFixed(1)} µs a delivery, of ${alone.deliveries} and ${together.deliveries}\n`,
  )
}
process.stdout.write(
  `CPU of a delivery, medians of ${ROUNDS} rounds: one process ${median(one).toFixed(1)} µs, two workers ${median(two).toFixed(1)} µs, ${median(ratios).toFixed(2)} times as much\n`,
)
