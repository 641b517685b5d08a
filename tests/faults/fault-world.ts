import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startTestRedis, type TestRedis } from '../support/redis-for-tests.ts'
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { TEST_SECRET } from '../support/test-app.ts'
import type { Fault } from './fault.ts'
import { prepareMutation } from './mutation.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'
import { installWitness } from './room-witness.ts'

/** What a fault may break: real processes, and a stretch of network of our own between each two of them. */
export interface FaultWorld extends AsyncDisposable {
  server: ServerProcess
  /** Where clients connect: the near end of `clientLink`. */
  url: string
  clientLink: TcpProxy
  postgres: OwnPostgres
  postgresLink: TcpProxy
  /** Several workers joined by a Redis; without it there is one process. */
  redis: TestRedis | undefined
  redisLink: TcpProxy | undefined
  clocks: { jump(ms: number): void }
}

export interface WorldPlan {
  withRedis: boolean
  /** Puts Postgres on a file system of its own, in memory and so small, where mounting one is permitted. */
  diskMib?: number
  /** Something that the server relies on and is to be without. */
  mutation?: string
}

const WORKERS = 3
const CLOCK = pathToFileURL(join(import.meta.dirname, 'jumping-clock.ts')).href

export async function startFaultWorld({ withRedis, diskMib, mutation }: WorldPlan): Promise<FaultWorld> {
  await using starting = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'confab-faults-'))
  starting.defer(() => rmSync(directory, { recursive: true, force: true }))
  const postgres = starting.use(await startOwnPostgres({ diskMib }))
  const postgresLink = starting.use(await startTcpProxy({ path: postgres.socketPath }))
  const redis = withRedis ? await startTestRedis() : undefined
  starting.defer(() => redis?.kill())
  const redisLink = redis && starting.use(await startTcpProxy({ port: redis.port }))
  const clockFile = join(directory, 'clock')
  const jump = (ms: number) => {
    // A reader finds the old number or the new one.
    writeFileSync(`${clockFile}.new`, `${Math.round(ms)}`)
    renameSync(`${clockFile}.new`, clockFile)
  }
  jump(0)
  const mutated = prepareMutation(mutation)
  const server = await startServerProcess({
    PORT: '0',
    DATA_DIR: '/nonexistent',
    DATABASE_URL: `postgres://confab@127.0.0.1:${postgresLink.port}/confab`,
    ...(redisLink ? { REDIS_URL: `redis://127.0.0.1:${redisLink.port}`, WORKERS: `${WORKERS}` } : {}),
    AUTH_SECRET: TEST_SECRET,
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'error',
    CLOCK_FILE: clockFile,
    NODE_OPTIONS: [CLOCK, ...mutated.imports].map((url) => `--import=${url}`).join(' '),
    ...mutated.env,
  })
  starting.defer(() => server.kill('SIGKILL'))
  await installWitness(postgres.url)
  await mutated.changeDatabase(postgres.url)
  const clientLink = starting.use(await startTcpProxy({ port: Number(new URL(server.url).port) }))
  const running = starting.move()
  return {
    server,
    url: `http://127.0.0.1:${clientLink.port}`,
    clientLink,
    postgres,
    postgresLink,
    redis,
    redisLink,
    clocks: { jump },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Why a fault can't be had in this world; undefined where it can. */
export function whyNot({ needs }: Fault, { redis, postgres }: FaultWorld): string | undefined {
  if (needs === 'redis' && !redis) return 'REDIS_URL is not set'
  if (needs === 'full-disk' && !postgres.disk) return 'mounting a small file system is not permitted here'
  return undefined
}
