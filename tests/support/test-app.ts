import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll } from 'vitest'
import { type App, type AppOptions, createApp } from '../../server/app.ts'
import type { Tuning } from '../../server/tuning.ts'
import { type ChatClient, type ChatClientOptions, createChatClient } from '../../shared/index.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

export const TEST_SECRET = randomBytes(32).toString('hex')

export interface TokenClaims {
  tenant?: string
  role?: 'user' | 'service'
  name?: string
  issuedAt?: number
  expiresIn?: number
}

/** A token as the host application would sign it. Times in seconds; `iat` has milliseconds. */
export function signToken(userId: string, { issuedAt, expiresIn = 600, ...claims }: TokenClaims = {}): Promise<string> {
  const now = issuedAt ?? Date.now() / 1_000
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt(now)
    .setExpirationTime(now + expiresIn)
    .sign(new TextEncoder().encode(TEST_SECRET))
}

export interface TestApp {
  app: App
  url: string
  metricsPort: number | undefined
  database: TestDatabase
  caller(userId: string, options?: { tenant?: string; role?: 'user' | 'service' }): ReturnType<App['createCaller']>
  /** A typed client over a real socket, closed with the app. */
  connect(userId: string, claims?: TokenClaims, options?: Partial<ChatClientOptions>): Promise<ChatClient>
}

/** A server on a port and a database of its own, for one test file. */
export function useTestApp(config: AppOptions = {}, tuning: Partial<Tuning> = {}): TestApp {
  const clients: ChatClient[] = []
  let started:
    | { app: App; url: string; metricsPort: number | undefined; database: TestDatabase; dataDir: string }
    | undefined
  const get = () => {
    if (!started) throw new Error('The app is not started yet; use it inside a test')
    return started
  }

  beforeAll(async () => {
    const database = await createTestDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'confab-app-'))
    const base = { databaseUrl: database.url, dataDir, port: 0, authSecret: TEST_SECRET, logLevel: 'silent' as const }
    const app = createApp({ ...base, ...config }, tuning)
    const { url, metricsPort } = await app.start()
    started = { app, url, metricsPort, database, dataDir }
  })

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await started?.app.stop()
    await started?.database.drop()
    if (started) await rm(started.dataDir, { recursive: true, force: true })
  })

  return {
    get app() {
      return get().app
    },
    get url() {
      return get().url
    },
    get metricsPort() {
      return get().metricsPort
    },
    get database() {
      return get().database
    },
    caller: (userId, options) => get().app.createCaller({ userId, ...options }),
    async connect(userId, claims, options) {
      const token = await signToken(userId, claims)
      const client = createChatClient({ url: get().url, token, ...options })
      clients.push(client)
      return client
    },
  }
}

/** A clientId for a new message. */
export const newId = (): string => randomUUID()
