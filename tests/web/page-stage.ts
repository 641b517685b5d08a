import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type App, type AppOptions, createApp } from '../../server/app.ts'
import type { Message } from '../../shared/index.ts'
import { newId } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { chromiumPath, launchBrowser } from './page-browser.ts'
import { PagePerson } from './page-person.ts'

export interface PageStage {
  app: App
  url: string
  /** Somebody who opens the page, and signs in there by name; `at` another address where the server is reached by a detour. */
  enter(name: string, options?: BrowserContextOptions, at?: string): Promise<PagePerson>
  /** Somebody who opens the page and is not signed in. */
  arrive(options?: BrowserContextOptions): Promise<PagePerson>
  caller(userId: string): ReturnType<App['createCaller']>
  say(userId: string, roomId: string, content: string): Promise<Message>
  stopServer(): Promise<void>
  /** Starts it on the port that it had. */
  startServer(): Promise<void>
}

/** A server with a database of its own and a browser, for one test file. */
export function usePageStage(config: AppOptions = {}): PageStage {
  if (!chromiumPath) process.stderr.write('A test of the page is skipped: no Chromium here (CHROMIUM_PATH names one)\n')
  let built: { database: TestDatabase; dataDir: string; browser: Browser } | undefined
  let app: App | undefined
  let url = ''

  const get = () => {
    if (!built || !app) throw new Error('The stage is not built yet; use it inside a test')
    return { ...built, app }
  }
  const serve = async (port: number) => {
    const { database, dataDir } = built ?? get()
    app = createApp({ databaseUrl: database.url, dataDir, port, logLevel: 'silent', ...config })
    ;({ url } = await app.start())
  }
  const arrive = (options?: BrowserContextOptions, at = url) => PagePerson.arrive(get().browser, at, options)

  beforeAll(async () => {
    if (!chromiumPath) return
    const database = await createTestDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'confab-page-'))
    built = { database, dataDir, browser: await launchBrowser() }
    await serve(0)
  }, 60_000)

  afterAll(async () => {
    await built?.browser.close()
    await app?.stop()
    await built?.database.drop()
    if (built) await rm(built.dataDir, { recursive: true, force: true })
  })

  return {
    get app() {
      return get().app
    },
    get url() {
      return url
    },
    arrive: (options) => arrive(options),
    async enter(name, options, at) {
      const person = await arrive(options, at)
      await person.signIn(name)
      return person
    },
    caller: (userId) => get().app.createCaller({ userId }),
    say: (userId, roomId, content) =>
      get().app.createCaller({ userId }).message.send({ roomId, clientId: newId(), content }),
    stopServer: () => get().app.stop(),
    startServer: () => serve(Number(new URL(url).port)),
  }
}
