import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import { type ServerProcess, startServerProcess } from '../support/server-process.ts'
import { TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

const reading = z.object({ longestMs: z.number(), bytes: z.number() })

/** What may hold the event loop at once, in milliseconds of CPU time. */
export const MAX_HOLD_MS = 50

export interface ProbedServer {
  url: string
  server: ServerProcess
  /** The longest that the loop was held since it was last asked, in milliseconds of CPU time. */
  longestHold(): Promise<number>
  /** Bytes in use, after a collection of garbage. */
  memory(): Promise<number>
  /** Milliseconds until `/healthz` answers. */
  health(): Promise<number>
  stop(): Promise<void>
}

/** A server in a process of its own, with a probe of its event loop in it. */
export async function startProbedServer(env: Record<string, string>): Promise<ProbedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'confab-attacked-'))
  const probe = join(import.meta.dirname, 'loop-probe.ts')
  const server = await startServerProcess(
    { DATA_DIR: dataDir, PORT: '0', AUTH_SECRET: TEST_SECRET, LOG_LEVEL: 'info', ...env },
    ['--expose-gc', '--import', probe],
  )
  const address = /probe at (\S+)/.exec(server.output())?.[1]
  if (!address) throw new Error('The probe does not say where it is')
  const ask = async (path: string) => reading.parse(await (await fetch(`${address}${path}`)).json())
  return {
    url: server.url,
    server,
    longestHold: async () => (await ask('/')).longestMs,
    memory: async () => (await ask('/collected')).bytes,
    health: async () => {
      const begun = performance.now()
      const { status } = await fetch(`${server.url}/healthz`)
      if (status !== 200) throw new Error(`/healthz answered ${status}`)
      return performance.now() - begun
    },
    stop: async () => {
      await server.kill('SIGTERM')
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** One with a database of its own, for one test file. */
export function useProbedServer(): Omit<ProbedServer, 'stop'> {
  let database: TestDatabase
  let started: ProbedServer | undefined
  const get = () => {
    if (!started) throw new Error('The server is not started yet; use it inside a test')
    return started
  }
  beforeAll(async () => {
    database = await createTestDatabase()
    started = await startProbedServer({ DATABASE_URL: database.url })
  })
  afterAll(async () => {
    await started?.stop()
    await database.drop()
  })
  return {
    get url() {
      return get().url
    },
    get server() {
      return get().server
    },
    longestHold: () => get().longestHold(),
    memory: () => get().memory(),
    health: () => get().health(),
  }
}
