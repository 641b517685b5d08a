import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createClient, type RedisClientType } from 'redis'
import { describe } from 'vitest'
import { RedisLink } from '../../server/bus/redis-link.ts'
import { freePort } from './free-port.ts'

/** The Redis that tests may share; each keeps to names of its own. */
export const REDIS_URL: string | undefined = process.env['REDIS_URL'] || undefined

/** For what needs Redis: runs where REDIS_URL is set, and says so where it is not. */
export const describeWithRedis = (name: string, tests: () => void): void => {
  if (REDIS_URL) describe(name, tests)
  else describe.skip(`${name} (REDIS_URL is not set, so this does not run)`, tests)
}

export interface TestRedis {
  url: string
  port: number
  /** What a frozen machine does: connections stay, answers stop. */
  freeze(): void
  thaw(): void
  /** Ends it at once and loses what it holds. */
  kill(): Promise<void>
  /** Starts it again on its port, empty, unless it runs. */
  start(): Promise<void>
}

/** A Redis of one's own, to be broken. Needs `redis-server` on this machine. */
export async function startTestRedis(options: string[] = []): Promise<TestRedis> {
  const port = await freePort()
  let child: ChildProcess | undefined
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    kill: async () => {
      const ending = child
      child = undefined
      if (!ending || ending.exitCode !== null) return
      const gone = once(ending, 'exit')
      ending.kill('SIGKILL')
      await gone
    },
    start: async () => {
      if (child) return
      const nothingKept = ['--save', '', '--appendonly', 'no', '--repl-diskless-load', 'swapdb', '--dir', tmpdir()]
      const starting = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', ...nothingKept, ...options])
      child = starting
      await ready(starting, 'Ready to accept connections')
    },
  }
  await redis.start()
  return redis
}

export interface TestSentinel {
  url: string
  freeze(): void
  thaw(): void
  kill(): Promise<void>
}

/** One that watches a master, and names another one half a second after it has gone. */
export async function startTestSentinel(master: TestRedis): Promise<TestSentinel> {
  const port = await freePort()
  const directory = await mkdtemp(join(tmpdir(), 'confab-sentinel-'))
  const file = join(directory, 'sentinel.conf')
  await writeFile(
    file,
    `port ${port}
bind 127.0.0.1
dir ${directory}
sentinel monitor chat 127.0.0.1 ${master.port} 1
sentinel down-after-milliseconds chat 500
sentinel failover-timeout chat 2000
`,
  )
  const child = spawn('redis-server', [file, '--sentinel'])
  await ready(child, '+monitor master')
  return {
    url: `redis-sentinel://127.0.0.1:${port}#chat`,
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    kill: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function ready(child: ChildProcess, sign: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let output = ''
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString()
    if (output.includes(sign)) resolve()
  })
  child.once('error', reject)
  child.once('exit', () => reject(new Error(`redis-server ended before it was ready:\n${output}`)))
  await promise
}

/** A bare client, to see and to say things beside the nodes. */
export async function connectToRedis(url: string): Promise<RedisClientType> {
  const client: RedisClientType = createClient({ url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** A node's link, with probes quick enough for a test, once it is up. */
export async function startTestLink(url: string, namespace = 'test'): Promise<RedisLink> {
  const link = new RedisLink(url, pino({ level: 'silent' }), { probeMs: 100 })
  await link.start(namespace)
  await linkIs(link, 'up')
  return link
}

/** Resolves when the link is so. */
export async function linkIs(link: RedisLink, mode: 'up' | 'down'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => link.isDown === (mode === 'down') && resolve()
  const unlisten = link.onHealthChange(look)
  look()
  await promise
  unlisten()
}
