import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { App, AppOptions } from '../../server/app.ts'
import type { Tuning } from '../../server/tuning.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'
import { startTestKit, type TestActions, type TestKit, tokenSigner } from './test-kit.ts'

export const TEST_SECRET = randomBytes(32).toString('hex')

/** A token as the host application would sign it. */
export const signToken = tokenSigner(TEST_SECRET)

/** A server for one test file. Its functions may be taken before it has started, and used inside tests. */
export interface TestApp extends TestActions {
  readonly app: App
  readonly url: string
  readonly metricsPort: number | undefined
  readonly database: TestDatabase
}

/** A server on a port and a database of its own, for one test file. */
export function useTestApp(config: AppOptions = {}, tuning: Partial<Tuning> = {}): TestApp {
  let started: { kit: TestKit; database: TestDatabase } | undefined
  const get = () => {
    if (!started) throw new Error('The app is not started yet; use it inside a test')
    return started
  }

  beforeAll(async () => {
    const database = await createTestDatabase()
    started = { database, kit: await startTestKit({ database, secret: TEST_SECRET, config, tuning }) }
  })

  afterAll(async () => started?.kit[Symbol.asyncDispose]())

  return {
    get app() {
      return get().kit.app
    },
    get url() {
      return get().kit.url
    },
    get metricsPort() {
      return get().kit.metricsPort
    },
    get database() {
      return get().database
    },
    caller: (...args) => get().kit.caller(...args),
    connect: (...args) => get().kit.connect(...args),
    signIn: (...args) => get().kit.signIn(...args),
    roomOf: (...args) => get().kit.roomOf(...args),
    channelOf: (...args) => get().kit.channelOf(...args),
  }
}

/** A clientId for a new message. */
export const newId = (): string => randomUUID()
