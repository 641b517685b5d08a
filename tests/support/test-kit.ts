import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { type App, type AppCaller, type AppOptions, createApp } from '../../server/app.ts'
import type { Tuning } from '../../server/tuning.ts'
import { type ChatClient, type ChatClientOptions, createChatClient } from '../../shared/index.ts'
import type { OwnDatabase } from './own-database.ts'

/*
 * A server to test against, its users and their rooms. Nothing here knows a test framework: `test-app.ts` binds it to vitest.
 */

export interface TokenClaims {
  tenant?: string
  role?: 'user' | 'service'
  name?: string
  issuedAt?: number
  expiresIn?: number
}

/** Signs a token as the host application would. Times are in seconds; `iat` has milliseconds. */
export type SignToken = (userId: string, claims?: TokenClaims) => Promise<string>

export const tokenSigner =
  (secret: string): SignToken =>
  (userId, { issuedAt, expiresIn = 600, ...claims } = {}) => {
    const now = issuedAt ?? Date.now() / 1_000
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setIssuedAt(now)
      .setExpirationTime(now + expiresIn)
      .sign(new TextEncoder().encode(secret))
  }

/** What a test does with a running server. */
export interface TestActions {
  /** The procedures as this user, in process. */
  caller: (userId: string, options?: { tenant?: string; role?: 'user' | 'service' }) => AppCaller
  /** A typed client over a real socket, closed with the kit. */
  connect: (userId: string, claims?: TokenClaims, options?: Partial<ChatClientOptions>) => Promise<ChatClient>
  /** Makes these users known to the server, in this order. */
  signIn: (...userIds: string[]) => Promise<void>
  /** A group of these users, the first of whom owns it; answers its id. */
  roomOf: (...userIds: string[]) => Promise<string>
  /** The same as a public channel. */
  channelOf: (...userIds: string[]) => Promise<string>
}

export interface TestKit extends TestActions, AsyncDisposable {
  readonly app: App
  readonly url: string
  readonly metricsPort: number | undefined
}

export interface TestKitOptions {
  /** The server's database; the kit drops it at its end. */
  database: Pick<OwnDatabase, 'url' | 'drop'>
  /** What tokens are signed with. */
  secret: string
  config?: AppOptions
  tuning?: Partial<Tuning>
}

/** Starts a server on a free port. Disposing it closes its clients, stops it, and drops its database and its directory. */
export async function startTestKit({ database, secret, config, tuning }: TestKitOptions): Promise<TestKit> {
  await using starting = new AsyncDisposableStack()
  starting.defer(() => database.drop())
  const dataDir = await mkdtemp(join(tmpdir(), 'confab-app-'))
  starting.defer(() => rm(dataDir, { recursive: true, force: true }))
  const base = { databaseUrl: database.url, dataDir, port: 0, authSecret: secret, logLevel: 'silent' as const }
  const app = starting.adopt(createApp({ ...base, ...config }, tuning), (it) => it.stop())
  const { url, metricsPort } = await app.start()
  const clients: ChatClient[] = []
  starting.defer(async () => {
    await Promise.all(clients.map((client) => client.close()))
  })
  const running = starting.move()
  return {
    app,
    url,
    metricsPort,
    ...testActions(app, async (userId, claims, options) => {
      const client = createChatClient({ url, token: await tokenSigner(secret)(userId, claims), ...options })
      clients.push(client)
      return client
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function testActions(app: App, connect: TestActions['connect']): TestActions {
  const caller: TestActions['caller'] = (userId, options) => app.createCaller({ userId, ...options })
  const signIn = async (...userIds: string[]) => {
    for (const userId of userIds) await caller(userId).auth.me()
  }
  const create = async (kind: 'group' | 'channel', userIds: string[]) => {
    await signIn(...userIds)
    const [owner = '', ...memberIds] = userIds
    return (await caller(owner).room.create({ kind, name: 'Engine room', memberIds })).id
  }
  return {
    caller,
    connect,
    signIn,
    roomOf: (...userIds) => create('group', userIds),
    channelOf: (...userIds) => create('channel', userIds),
  }
}
