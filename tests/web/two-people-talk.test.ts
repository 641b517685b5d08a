import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import { newId } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { chromiumPath, launchBrowser } from './page-browser.ts'
import { PagePerson } from './page-person.ts'

if (!chromiumPath) {
  process.stderr.write('two-people-talk.test.ts is skipped: no Chromium here (CHROMIUM_PATH names another place)\n')
}

const ROOM = 'Autumn launch'

/** One server, three windows, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('two people talk on the page', () => {
  let database: TestDatabase
  let dataDir: string
  let app: App
  let url: string
  let browser: Browser
  let alice: PagePerson
  let bob: PagePerson
  let mallory: PagePerson
  let roomId: string

  const serve = async (port: number) => {
    app = createApp({ databaseUrl: database.url, dataDir, port, logLevel: 'silent' })
    return app.start()
  }

  beforeAll(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'confab-page-'))
    ;({ url } = await serve(0))
    browser = await launchBrowser()
    ;[alice, bob, mallory] = await Promise.all([
      PagePerson.arrive(browser, url),
      PagePerson.arrive(browser, url),
      PagePerson.arrive(browser, url),
    ])
  })

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    await database?.drop()
    if (dataDir) await rm(dataDir, { recursive: true, force: true })
  })

  test('they sign in by name, and whoever is new is told what to do', async () => {
    await Promise.all([alice.signIn('Alice'), bob.signIn('Bob'), mallory.signIn('Mallory')])
    await alice.page.getByRole('main').getByRole('heading', { name: 'Welcome, Alice' }).waitFor()
    await alice.page.getByRole('main').getByText('You are not in any rooms yet.').waitFor()
  })

  test('Alice makes a room with Bob, who finds it in his list without loading the page again', async () => {
    await alice.page.getByRole('button', { name: 'New conversation' }).click()
    await alice.page.getByRole('menuitem', { name: 'New room' }).click()
    const dialog = alice.page.getByRole('dialog', { name: 'New room' })
    await dialog.getByLabel('Name', { exact: true }).fill(ROOM)
    await dialog.getByRole('searchbox', { name: 'Members' }).fill('bob')
    await dialog.getByRole('button', { name: 'Bob', exact: true }).click()
    await dialog.getByRole('button', { name: 'Create room' }).click()
    await alice.page.getByRole('log').getByText('No messages yet').waitFor()
    await bob.open(ROOM)
    roomId = /#\/rooms\/(.+)$/.exec(alice.page.url())?.[1] ?? ''
    expect(bob.page.url()).toContain(roomId)
  })

  test('they talk both ways, and each sees who the other is', async () => {
    await alice.say(ROOM, 'Good morning Bob, are the proofs here?')
    await bob.sees('Good morning Bob, are the proofs here?')
    await bob.say(ROOM, 'They are, on your desk.')
    await alice.sees('They are, on your desk.')
    const spoken = ['Good morning Bob, are the proofs here?', 'They are, on your desk.']
    expect(await alice.texts()).toEqual(spoken)
    expect(await bob.texts()).toEqual(spoken)
    await bob.page.getByText('Seen by Alice', { exact: true }).waitFor()
    await alice.page.getByText('2 members, 2 online').waitFor()
  })

  test('Mallory sees nothing of it, not even by its address', async () => {
    await mallory.page.getByText('No conversations yet.').waitFor()
    await mallory.page.goto(`${url}/#/rooms/${roomId}`)
    await mallory.page.getByText('This room does not exist, or you don’t have access to it.').waitFor()
    expect(await mallory.page.locator('body').innerText()).not.toMatch(/proofs|desk|Autumn/)
  })

  test('Alice sees that Bob types, until he has sent it', async () => {
    await bob.field(ROOM).pressSequentially('One moment')
    await alice.page.getByText('Bob is typing').waitFor()
    await bob.field(ROOM).press('Enter')
    await alice.sees('One moment')
    await alice.page.getByText('Bob is typing').waitFor({ state: 'hidden' })
  })

  test('an edit shows with its mark, and Escape leaves everything as it was', async () => {
    await bob.field(ROOM).press('ArrowUp')
    const rewrite = bob.page.getByRole('textbox', { name: 'Edit your message' })
    await rewrite.fill('Something else')
    await rewrite.press('Escape')
    await bob.field(ROOM).press('ArrowUp')
    expect(await rewrite.inputValue()).toBe('One moment')
    await rewrite.fill('One moment, please')
    await rewrite.press('Enter')
    await alice.message('One moment, please').getByText('edited').waitFor()
    expect(await alice.page.getByText('Something else').count()).toBe(0)
  })

  test('a delete asks first, and leaves words in its place', async () => {
    await bob.choose('One moment, please', 'Delete message')
    await bob.page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await alice.page.getByText('This message was deleted').waitFor()
    expect(await alice.message('One moment, please').count()).toBe(0)
  })

  test('markup in a message is inert text, and only web addresses become links', async () => {
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script> <b>bold</b>'
    await alice.say(ROOM, hostile)
    await alice.say(ROOM, 'javascript:alert(1) but https://example.com/proofs?page=2.')
    await bob.sees('but https://example.com')
    expect(await bob.texts()).toContain(hostile)
    expect(await bob.page.locator('[role=log] :is(img, script, b)').count()).toBe(0)
    const link = bob.page.locator('[role=log] a')
    expect(await link.count()).toBe(1)
    expect(await link.getAttribute('href')).toBe('https://example.com/proofs?page=2')
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow')
    expect(await bob.page.title()).toBe(`${ROOM} · Confab`)
  })

  test('what comes while Bob looks elsewhere is counted in the list and in the title, and read when he is back', async () => {
    await bob.page.getByRole('button', { name: 'New conversation' }).click()
    await bob.page.getByRole('menuitem', { name: 'New message' }).click()
    await bob.page.getByRole('button', { name: 'Mallory', exact: true }).click()
    await bob.field('Mallory').waitFor()
    await alice.say(ROOM, 'The printers called')
    await alice.say(ROOM, 'Thursday it is')
    await bob.line(ROOM).getByText('2 unread').waitFor()
    await bob.line(ROOM).getByText('Thursday it is').waitFor()
    await expect.poll(() => bob.page.title()).toBe('(2) Mallory · Confab')
    await bob.open(ROOM)
    await bob.sees('Thursday it is')
    await bob.line(ROOM).getByText('unread').waitFor({ state: 'detached' })
    await expect.poll(() => bob.page.title()).toBe(`${ROOM} · Confab`)
  })

  test('scrolling back loads what was said before, in order, each once, and the way back is one button', async () => {
    const caller = app.createCaller({ userId: 'alice' })
    const diary = await caller.room.create({ kind: 'group', name: 'Diary' })
    const pages = Array.from({ length: 130 }, (_, day) => `Day ${day + 1} at the press`)
    for (const content of pages) await caller.message.send({ roomId: diary.id, clientId: newId(), content })

    await alice.open('Diary')
    await alice.sees('Day 130 at')
    expect(await alice.message('Day 1 at').count()).toBe(0)
    const scroller = alice.page.locator('.timeline-scroll')
    // Only what is around the visible rows is in the page: each look begins before the last one, and reaches into it.
    let seen: string[] = [pages.at(-1) ?? '']
    await expect
      .poll(
        async () => {
          await scroller.evaluate((element) => element.scrollTo(0, 0))
          const texts = await alice.texts()
          seen = [...texts.slice(0, texts.indexOf(seen[0] ?? '')), ...seen]
          return seen[0]
        },
        { timeout: 8_000 },
      )
      .toBe(pages[0])
    expect(seen).toEqual(pages)

    await caller.message.send({ roomId: diary.id, clientId: newId(), content: 'Day 131 at the press' })
    await alice.page.getByRole('button', { name: 'Latest messages' }).click()
    await alice.message('Day 131 at').waitFor()
    await alice.page.getByRole('button', { name: 'Latest messages' }).waitFor({ state: 'detached' })
    await alice.open(ROOM)
  })

  test('on a narrow screen and by keyboard alone, one signs in, opens a room, writes, and goes back', async () => {
    const chiara = await PagePerson.arrive(browser, url, { viewport: { width: 360, height: 740 } })
    const { page } = chiara
    const { keyboard } = page
    const focused = (text: string) => page.locator(':focus', { hasText: text }).waitFor()
    await page.locator('input:focus').waitFor()
    await keyboard.type('Bob')
    await keyboard.press('Enter')
    await chiara.conversations.waitFor()
    await chiara.line(ROOM).waitFor()
    await expect
      .poll(async () => {
        await keyboard.press('Tab')
        return page.locator(':focus').getAttribute('class')
      })
      .toBe('room-item')
    await keyboard.press('ArrowDown')
    await focused('Mallory')
    await keyboard.press('ArrowUp')
    await focused(ROOM)
    await keyboard.press('Enter')
    await page.locator('textarea:focus').waitFor()
    expect(await chiara.conversations.isVisible()).toBe(false)
    await keyboard.type('Written on a phone')
    await keyboard.press('Enter')
    await alice.sees('Written on a phone')
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(isWide).toBe(false)

    await keyboard.press('Shift+Tab')
    await chiara.message('Written on a phone').locator('[aria-label="More actions"]:focus').waitFor()
    await keyboard.press('ArrowUp')
    await focused('Thursday it is')
    await expect
      .poll(async () => {
        await keyboard.press('Shift+Tab')
        return page.locator(':focus').getAttribute('aria-label')
      })
      .toBe('Back to conversations')
    await keyboard.press('Enter')
    await focused(ROOM)
    expect(chiara.faults).toEqual([])
    await page.context().close()
  })

  test('the server goes and comes back: both are told, both go on, and nothing is missing or doubled', async () => {
    const { port } = new URL(url)
    const seen = [...alice.faults, ...bob.faults, ...mallory.faults]
    await app.stop()
    await Promise.all([alice, bob].map(({ page }) => page.getByText('Reconnecting…').waitFor()))
    await alice.say(ROOM, 'Are you still there?')
    await alice.message('Are you still there?').getByText('Sending…').waitFor()
    await serve(Number(port))
    await bob.sees('Are you still there?')
    await Promise.all([alice, bob].map(({ page }) => page.getByText('Reconnecting…').waitFor({ state: 'detached' })))
    await bob.say(ROOM, 'Always.')
    await alice.sees('Always.')

    const { items } = await app.createCaller({ userId: 'alice' }).message.list({ roomId })
    const kept = items.flatMap(({ content }) => content || []).toReversed()
    expect(new Set(kept).size).toBe(kept.length)
    await expect.poll(() => alice.texts()).toEqual(kept)
    await expect.poll(() => bob.texts()).toEqual(kept)
    // While the server was away the browser itself reported refused connections; before that there was nothing to report.
    expect(seen).toEqual([])
  })

  test('whoever is removed leaves the room with a sentence', async () => {
    await alice.page.getByRole('button', { name: 'Show members' }).click()
    await alice.page.getByRole('button', { name: 'Actions for Bob' }).click()
    await alice.page.getByRole('menuitem', { name: 'Remove from room…' }).click()
    await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await bob.page.getByText(`You were removed from “${ROOM}”`).waitFor()
    await bob.line(ROOM).waitFor({ state: 'detached' })
    await alice.page.getByText('1 member', { exact: false }).first().waitFor()
  })

  test('whoever is added again is back in it, with all that was said', async () => {
    await alice.page.getByRole('button', { name: 'Add people' }).click()
    const dialog = alice.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Bob', exact: true }).click()
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await bob.sees('Are you still there?')
    await bob.say(ROOM, 'Thank you for having me')
    await alice.sees('Thank you for having me')
  })
})
