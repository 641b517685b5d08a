import { type App, createApp } from '../../server/app.ts'
import type { Config } from '../../server/config.ts'
import type { Tuning } from '../../server/tuning.ts'
import { type ChatClient, type ChatClientOptions, createChatClient } from '../../shared/index.ts'
import { signToken, TEST_SECRET } from './test-app.ts'
import { createTestDatabase } from './test-database.ts'
import type { TokenClaims } from './test-kit.ts'

export interface TestNode {
  app: App
  url: string
  caller(userId: string): ReturnType<App['createCaller']>
  connect(userId: string, claims?: TokenClaims, options?: Partial<ChatClientOptions>): Promise<ChatClient>
}

export interface TestNodes extends AsyncDisposable {
  nodes: TestNode[]
  databaseUrl: string
}

/** Several servers as on several machines: one database, one Redis, a port each. */
export async function startTestNodes(
  redisUrl: string,
  { count = 2, config = {}, tuning = {} }: { count?: number; config?: Partial<Config>; tuning?: Partial<Tuning> } = {},
): Promise<TestNodes> {
  await using starting = new AsyncDisposableStack()
  const database = await createTestDatabase()
  starting.defer(() => database.drop())
  const nodes: TestNode[] = []
  for (let index = 0; index < count; index++) {
    const clients: ChatClient[] = []
    const base = { databaseUrl: database.url, redisUrl, port: 0, authSecret: TEST_SECRET, logLevel: 'silent' as const }
    const app = createApp({ ...base, ...config }, tuning)
    starting.defer(async () => {
      await Promise.all(clients.map((client) => client.close()))
      await app.stop()
    })
    const { url } = await app.start()
    nodes.push({
      app,
      url,
      caller: (userId) => app.createCaller({ userId }),
      connect: async (userId, claims, options) => {
        const client = createChatClient({ url, token: await signToken(userId, claims), ...options })
        clients.push(client)
        return client
      },
    })
  }
  const running = starting.move()
  return { nodes, databaseUrl: database.url, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Two of them, as most tests need. */
export async function startTwoNodes(redisUrl: string, options: { tuning?: Partial<Tuning> } = {}) {
  const started = await startTestNodes(redisUrl, options)
  const [here, there] = started.nodes
  if (!here || !there) throw new Error('Two nodes were asked for')
  return { here, there, databaseUrl: started.databaseUrl, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() }
}
