import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { chromiumPath, launchBrowser } from './page-browser.ts'

if (!chromiumPath) process.stderr.write('react-hooks.test.ts is skipped: no Chromium here\n')

const ENTRY = join(import.meta.dirname, 'hooks-page/hooks-main.tsx')

/** hooks-page/ as one script. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [react()],
    define: { 'process.env.NODE_ENV': '"development"' },
    build: { write: false, minify: false, lib: { entry: ENTRY, formats: ['es'], fileName: 'hooks' } },
  })
  const [first] = [built].flat()
  const chunk = first && 'output' in first ? first.output[0] : undefined
  if (chunk?.type !== 'chunk') throw new Error('The hooks page has no script')
  return chunk.code
}

/** The frontend's own server, of another origin than the chat's. */
async function servePage(script: string): Promise<{ pages: Server; origin: string }> {
  const pages = createServer(({ url }, response) => {
    const isScript = url === '/hooks.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<div id="page"></div><script type="module" src="/hooks.js"></script>')
  })
  pages.listen(0, '127.0.0.1')
  await once(pages, 'listening')
  const address = pages.address()
  if (typeof address !== 'object' || !address) throw new Error('The page is not served')
  return { pages, origin: `http://127.0.0.1:${address.port}` }
}

/** One server, a frontend of the hooks alone: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('the hooks, in a browser and in StrictMode', () => {
  let database: TestDatabase
  let dataDir: string
  let app: App
  let url: string
  let browser: Browser
  let context: BrowserContext
  let alice: Page
  let roomId: string
  let pages: Server
  let origin: string
  /** What Alice's page sent, by path; the ends of subscriptions by their number alone. */
  const sent: string[] = []
  let stops = 0
  const faults: string[] = []

  const serve = async (port: number) => {
    const base = { databaseUrl: database.url, dataDir, port, logLevel: 'silent' as const }
    app = createApp({ ...base, authSecret: TEST_SECRET, allowedOrigins: [origin] })
    ;({ url } = await app.start())
  }

  /** A tab of Alice's browser. */
  const openTab = async (): Promise<Page> => {
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => note(payload.toString())))
    await page.goto(`${origin}/#${new URLSearchParams({ url, token: await signToken('alice'), roomId })}`)
    return page
  }

  const note = (text: string) => {
    if (!/^[[{]/.test(text)) return
    const frames: { method?: string; params?: { path?: string } }[] = [JSON.parse(text)].flat()
    for (const { method, params } of frames) {
      if (params?.path) sent.push(params.path)
      if (method === 'subscription.stop') stops++
    }
  }

  beforeAll(async () => {
    const [made, script] = await Promise.all([createTestDatabase(), bundle()])
    database = made
    ;({ pages, origin } = await servePage(script))
    dataDir = await mkdtemp(join(tmpdir(), 'confab-hooks-'))
    await serve(0)
    const bob = app.createCaller({ userId: 'bob' })
    await app.createCaller({ userId: 'alice' }).auth.me()
    ;({ id: roomId } = await bob.room.create({ kind: 'group', name: 'Autumn launch', memberIds: ['alice'] }))
    for (let line = 1; line <= 60; line++) await say(`Line ${line}`)
    browser = await launchBrowser()
    context = await browser.newContext()
    alice = await openTab()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    pages?.close()
    await database?.drop()
    if (dataDir) await rm(dataDir, { recursive: true, force: true })
  })

  const bob = () => app.createCaller({ userId: 'bob' })
  const say = (content: string) => bob().message.send({ roomId, clientId: newId(), content })
  const list = (name: string, page = alice) => page.getByRole('list', { name }).getByRole('listitem').allInnerTexts()
  const press = (name: string) => alice.getByRole('button', { name, exact: true }).click()
  const write = async (content: string, page = alice) => {
    await page.getByRole('textbox', { name: 'Message' }).fill(content)
    await page.getByRole('textbox', { name: 'Message' }).press('Enter')
  }
  const newest = async (page = alice) => (await list('Messages', page)).at(-1)

  test('a room, its members, its messages and the inbox are there, and stay current', async () => {
    await alice.getByRole('heading', { name: 'Autumn launch' }).waitFor()
    expect(await newest()).toBe('Line 60')
    expect(await list('Members')).toEqual(['bob offline', 'alice online'])
    await say('Good morning')
    await expect.poll(() => newest()).toBe('Good morning')
    await expect.poll(() => list('Rooms')).toEqual(['Autumn launch 61 unread: Good morning'])
    await press('Older')
    await expect.poll(async () => (await list('Messages'))[0]).toBe('Line 1')
    expect(await list('Messages')).toHaveLength(61)
  })

  test('components share streams, StrictMode or not', () => {
    for (const path of ['room.onEvent', 'room.snapshot', 'inbox.onEvent', 'typing.onChange']) {
      expect([path, sent.filter((each) => each === path).length]).toEqual([path, 1])
    }
    // One of the room's members, one of the users that are named one by one.
    expect(sent.filter((each) => each === 'presence.onChange')).toHaveLength(2)
  })

  test('one writes, and the room is told who types', async () => {
    const typists: string[] = []
    const stop = new AbortController()
    const watched = (async () => {
      const caller = app.createCaller({ userId: 'bob' }, { signal: stop.signal })
      for await (const { users } of await caller.typing.onChange({ roomId }))
        typists.push(users.map(({ id }) => id).join())
    })().catch(() => undefined)
    await alice.getByRole('textbox', { name: 'Message' }).pressSequentially('And to you')
    await expect.poll(() => typists.at(-1)).toBe('alice')
    await alice.getByRole('textbox', { name: 'Message' }).press('Enter')
    await expect.poll(() => typists.at(-1)).toBe('')
    await expect.poll(() => newest()).toBe('And to you')
    stop.abort()
    await watched
    expect(sent.filter((path) => path === 'typing.set').length).toBeLessThanOrEqual(3)
    await bob().typing.set({ roomId, isTyping: true })
    await expect.poll(() => alice.getByRole('status', { name: 'Typing' }).innerText()).toBe('bob')
  })

  test('an edit and a delete show at once; a refused edit shows for a moment and goes', async () => {
    await press('Edit')
    await expect.poll(() => newest()).toBe('And to you, edited')
    await expect
      .poll(async () => (await bob().message.list({ roomId, limit: 1 })).items[0]?.content)
      .toBe('And to you, edited')
    await bob().room.freeze({ roomId })
    await press('Edit')
    await alice.getByRole('alert').filter({ hasText: 'frozen' }).waitFor()
    expect(await newest()).toBe('And to you, edited')
    await bob().room.unfreeze({ roomId })
    await press('Delete')
    await expect.poll(() => newest()).toBe('(deleted)')
  })

  test('what was fetched is fetched again when an event says that it has changed', async () => {
    const name = alice.getByRole('status', { name: 'Fetched name' })
    expect(await name.innerText()).toBe('Autumn launch')
    expect(await alice.getByRole('status', { name: 'Fetched users' }).innerText()).toContain('bob')
    await bob().room.update({ roomId, name: 'Winter launch' })
    await expect.poll(() => name.innerText()).toBe('Winter launch')
    await alice.getByRole('heading', { name: 'Winter launch' }).waitFor()
  })

  test('streams that nobody uses end, and begin again when somebody does', async () => {
    const before = stops
    await press('Close')
    // The room's events, who types, who of its members is there.
    await expect.poll(() => stops - before, { timeout: 5_000 }).toBe(3)
    await say('While it was closed')
    await expect.poll(() => list('Rooms')).toEqual([expect.stringContaining('While it was closed')])
    await press('Open')
    await expect.poll(() => newest()).toBe('While it was closed')
    expect(sent.filter((path) => path === 'room.onEvent')).toHaveLength(2)
  })

  test('what was written without a server outlives a reload and the other tab, and arrives once', async () => {
    const { port } = new URL(url)
    const other = await openTab()
    await expect.poll(() => newest(other)).toBe('While it was closed')
    await app.stop()
    await write('From the first tab')
    await write('From the second tab', other)
    await expect.poll(() => list('Waiting')).toEqual(['From the first tab', 'From the second tab'])
    await other.close()
    await alice.reload()
    await alice.getByText('Arriving…').waitFor()
    await serve(Number(port))
    const both = ['From the first tab', 'From the second tab']
    await expect.poll(async () => (await list('Messages')).slice(-2), { timeout: 15_000 }).toEqual(both)
    await expect.poll(() => list('Waiting')).toEqual([])
    const { items } = await bob().message.list({ roomId, limit: 3 })
    expect(items.map(({ content }) => content)).toEqual([...both.toReversed(), 'While it was closed'])
    expect(faults).toEqual([])
  })
})
