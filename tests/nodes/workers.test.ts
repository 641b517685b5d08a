import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { type ChatClient, createChatClient, type Message } from '../../shared/index.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { describeWithRedis, REDIS_URL } from '../support/redis-for-tests.ts'
import { startServerProcess } from '../support/server-process.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { createEmptyDatabase } from '../support/test-database.ts'
import { untilEnded, untilWorkers, workerPids } from '../support/worker-pids.ts'

vi.setConfig({ testTimeout: 120_000 })

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function start(env: Record<string, string> = {}) {
  const database = await createEmptyDatabase()
  ends.push(() => database.drop())
  const base = { PORT: '0', REDIS_URL: REDIS_URL ?? '', DATABASE_URL: database.url, DATA_DIR: '/nonexistent' }
  const server = await startServerProcess({
    ...base,
    WORKERS: '3',
    AUTH_SECRET: TEST_SECRET,
    RATE_LIMIT: 'off',
    ...env,
  })
  ends.push(() => server.kill('SIGKILL'))
  return server
}

function connect(url: string, userId: string): ChatClient {
  const client = createChatClient({ url, token: () => signToken(userId) })
  ends.push(() => client.close())
  return client
}

/** Several people in a room, over as many workers as chance gives them. */
async function crowd(url: string, count: number) {
  const clients = Array.from({ length: count }, (_, index) => connect(url, `user-${index}`))
  await Promise.all(clients.map((client) => client.auth.me.query()))
  const [first] = clients
  if (!first) throw new Error('A crowd has somebody')
  const memberIds = clients.slice(1).map((_, index) => `user-${index + 1}`)
  const { id: roomId } = await first.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds })
  const logs = clients.map((client) => new EventLog(client, roomId))
  await Promise.all(logs.map((log) => log.until(({ events }) => events.length > 0)))
  const say = async (index: number): Promise<Message | undefined> =>
    clients[index % count]?.message.send.mutate({ roomId, clientId: newId(), content: `${index}` })
  const allHave = async (messages: number) => {
    for (const log of logs) {
      await log.until(({ contents, failure }) => contents.length >= messages || failure !== undefined)
      expect(log.failure).toBeUndefined()
      expect(log.contents).toEqual(logs[0]?.contents)
      expect(gaps(log.events)).toEqual([])
      expect(log.events.filter(({ type }) => type === 'reset')).toEqual([])
    }
  }
  return { clients, say, allHave }
}

describeWithRedis('WORKERS=3', () => {
  test('is three processes on one port: each gets connections, and all see the same', async () => {
    const server = await start()
    const { say, allHave } = await crowd(server.url, 6)
    expect(workerPids(server.child.pid)).toHaveLength(3)
    await Promise.all(Array.from({ length: 60 }, (_, index) => say(index)))
    await allHave(60)
    await server.kill('SIGTERM')
    expect(server.child.exitCode).toBe(0)
  })

  test('replaces a worker that is killed; its clients come back and miss nothing', async () => {
    const server = await start()
    const { say, allHave } = await crowd(server.url, 6)
    const before = workerPids(server.child.pid)
    const sends = Array.from({ length: 60 }, (_, index) => say(index))
    const [victim] = before
    if (victim) process.kill(victim, 'SIGKILL')
    await Promise.all(sends)
    await allHave(60)
    await untilWorkers(server.child.pid, 3, before.slice(0, 1))
  })

  test('restarts one by one at SIGUSR2, while it serves', async () => {
    const server = await start()
    const { say, allHave } = await crowd(server.url, 6)
    const before = workerPids(server.child.pid)
    server.child.kill('SIGUSR2')
    const isRestarted = () => {
      const pids = workerPids(server.child.pid)
      return pids.length === 3 && !pids.some((pid) => before.includes(pid))
    }
    let index = 0
    while (!isRestarted()) await say(index++)
    await allHave(index)
  })

  test('on one port with the embedded Postgres and sign-in by name, which the primary owns', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'confab-workers-'))
    ends.push(() => rm(dataDir, { recursive: true, force: true }))
    const server = await start({ DATABASE_URL: '', DATA_DIR: dataDir, AUTH_SECRET: '', WORKERS: '2' })
    for (let index = 0; index < 4; index++) {
      const answer = await fetch(new URL('/dev/token', server.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ name: 'ada' }),
      })
      const { token }: { token: string } = JSON.parse(await answer.text())
      const client = createChatClient({ url: server.url, token })
      expect(await client.auth.me.query()).toMatchObject({ user: { id: 'ada' } })
      await client.close()
    }
    await server.kill('SIGTERM')
    expect(server.child.exitCode).toBe(0)
  })

  test('answers with the metrics of all workers, put together', async () => {
    const server = await start({ METRICS_PORT: '0' })
    const { say, allHave } = await crowd(server.url, 6)
    await Promise.all(Array.from({ length: 12 }, (_, index) => say(index)))
    await allHave(12)
    const address = /metrics +(\S+)/.exec(server.output())?.[1] ?? ''
    const text = await (await fetch(address)).text()
    expect(text).toMatch(/^confab_connections\S* 6$/m)
    expect(text).toMatch(/^confab_bus_up\S* 1$/m)
  })

  test('ends at once, and not with 0, when it is told twice', async () => {
    const server = await start()
    await crowd(server.url, 3)
    const pids = workerPids(server.child.pid)
    const [stuck = 0] = pids
    process.kill(stuck, 'SIGSTOP')
    const startedAt = performance.now()
    server.child.kill('SIGTERM')
    await untilWorkers(server.child.pid, 1)
    await server.kill('SIGTERM')
    expect(server.child.exitCode).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    for (const pid of pids) await untilEnded(pid)
  })

  test('that can’t start says why, once, and ends', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    ends.push(() => taken.close())
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const failure = await start({ PORT: `${port}` }).catch((error: unknown) => error)
    if (!(failure instanceof Error)) throw new Error('It should not have started')
    expect(failure.message.match(/the port is taken/g)).toHaveLength(1)
  })
})
