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

if (!chromiumPath) process.stderr.write('conversation-features.test.ts is skipped: no Chromium here\n')

const ROOM = 'Autumn launch'

/** One server, two windows, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('reactions, threads, mentions and search on the page', () => {
  let database: TestDatabase
  let dataDir: string
  let app: App
  let browser: Browser
  let alice: PagePerson
  let bob: PagePerson
  let roomId: string

  const caller = (userId: string) => app.createCaller({ userId })
  const say = (userId: string, content: string, rest: { roomId?: string; threadId?: string } = {}) =>
    caller(userId).message.send({ roomId, clientId: newId(), content, ...rest })
  const thread = (person: PagePerson) => person.page.getByRole('complementary', { name: 'Thread' })

  beforeAll(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'confab-page-'))
    app = createApp({ databaseUrl: database.url, dataDir, port: 0, logLevel: 'silent' })
    const { url } = await app.start()
    browser = await launchBrowser()
    ;[alice, bob] = await Promise.all([
      PagePerson.arrive(browser, url, { viewport: { width: 1_300, height: 800 } }),
      PagePerson.arrive(browser, url, { viewport: { width: 1_300, height: 800 } }),
    ])
    await Promise.all([alice.signIn('Alice'), bob.signIn('Bob')])
    ;({ id: roomId } = await caller('alice').room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] }))
    await say('bob', 'The **proofs** are here')
    await Promise.all([alice.open(ROOM), bob.open(ROOM)])
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    await database?.drop()
    if (dataDir) await rm(dataDir, { recursive: true, force: true })
  })

  test('Markdown shows as what it means', async () => {
    expect(await alice.message('proofs').locator('strong').innerText()).toBe('proofs')
  })

  test('two people react: each sees the count, whose it is, and can take the own one back', async () => {
    const message = alice.message('proofs are here')
    await message.hover()
    await message.getByRole('button', { name: 'Add reaction' }).click()
    await alice.page.getByRole('button', { name: 'Party popper' }).click()
    const seenByBob = bob.message('proofs are here').getByRole('button', { name: '🎉 1. Alice reacted with 🎉' })
    await seenByBob.waitFor()
    expect(await seenByBob.getAttribute('aria-pressed')).toBe('false')
    await seenByBob.click()
    const both = message.getByRole('button', { name: '🎉 2. You and Bob reacted with 🎉' })
    await both.waitFor()
    expect(await both.getAttribute('aria-pressed')).toBe('true')
    await both.click()
    await bob.message('proofs are here').getByRole('button', { name: '🎉 1. You reacted with 🎉' }).waitFor()
  })

  test('any emoji can be typed or pasted, and what is none finds nothing', async () => {
    const message = alice.message('proofs are here')
    const type = async (text: string) => {
      await message.hover()
      await message.getByRole('button', { name: 'Add reaction' }).click()
      await alice.page.getByRole('searchbox', { name: 'Search emoji' }).fill(text)
    }
    await type('🦉')
    await alice.page.keyboard.press('Enter')
    await bob.message('proofs are here').getByRole('button', { name: '🦉 1' }).waitFor()
    await type('no such thing')
    await alice.page.getByText('No emoji found.').waitFor()
    await alice.page.keyboard.press('Enter')
    await alice.page.keyboard.press('Escape')
    expect(await message.getByRole('list', { name: 'Reactions' }).getByRole('button').count()).toBe(2)
  })

  test('a reply quotes the message that it answers, and leads back to it', async () => {
    const message = alice.message('proofs are here')
    await message.hover()
    await message.getByRole('button', { name: 'Reply', exact: true }).click()
    await alice.page.getByText('Replying to Bob').waitFor()
    await alice.say(ROOM, 'Wonderful')
    const quote = bob.message('Wonderful').getByRole('button', { name: 'Bob The proofs are here' })
    await quote.click()
    await expect.poll(() => bob.page.locator(':focus').getAttribute('data-message')).not.toBeNull()
    await alice.page.getByText('Replying to Bob').waitFor({ state: 'detached' })
  })

  test('they talk in a thread beside the timeline, which shows how many replies there are', async () => {
    const root = alice.message('proofs are here').first()
    await root.hover()
    await root.getByRole('button', { name: 'Reply in thread' }).click()
    const field = thread(alice).getByRole('textbox', { name: 'Reply in this thread' })
    await field.fill('Page two looks odd')
    await field.press('Enter')
    const line = bob.page.locator('.timeline').getByRole('button', { name: '1 reply' })
    await line.click()
    await thread(bob).getByText('Page two looks odd').waitFor()
    const answer = thread(bob).getByRole('textbox', { name: 'Reply in this thread' })
    await answer.fill('I will have a look')
    await answer.press('Enter')
    await thread(alice).getByText('I will have a look').waitFor()
    await alice.page.locator('.timeline').getByRole('button', { name: '2 replies' }).waitFor()
    const timeline = await alice.page.locator('.timeline').innerText()
    expect(timeline).not.toContain('Page two looks odd')
    // Alice replied, and so follows.
    await thread(alice).getByRole('button', { name: 'Following' }).waitFor()
  })

  test('what is said in a followed thread is counted, and its list leads there', async () => {
    await thread(alice).getByRole('button', { name: 'Close' }).click()
    const root = (await caller('bob').message.list({ roomId, limit: 100 })).items.find((each) => each.thread)
    await say('bob', 'It was the font', { threadId: root?.id ?? '' })
    const threads = alice.conversations.getByRole('button', { name: /Threads/ })
    await threads.getByText('1 unread').waitFor()
    await threads.click()
    await alice.page
      .getByRole('dialog')
      .getByRole('button', { name: /3 replies/ })
      .click()
    await thread(alice).getByText('It was the font').waitFor()
    await threads.getByText('unread').waitFor({ state: 'detached' })
    await thread(alice).getByRole('textbox').press('Escape')
    await thread(alice).waitFor({ state: 'detached' })
  })

  test('an @ completes to a member by keyboard, and the message stands out for whom it names', async () => {
    const field = alice.page.getByLabel(`Message ${ROOM}`)
    await field.pressSequentially('Please look, @b')
    await alice.page.getByRole('option', { name: 'Bob' }).waitFor()
    expect(await field.getAttribute('role')).toBe('combobox')
    const option = await alice.page.getByRole('option', { selected: true }).getAttribute('id')
    expect(await field.getAttribute('aria-activedescendant')).toBe(option)
    await field.press('Enter')
    expect(await field.inputValue()).toBe('Please look, @Bob ')
    await field.pressSequentially('and @r')
    await alice.page.getByRole('option', { name: '@room' }).waitFor()
    await field.press('Escape')
    await alice.page.getByRole('listbox').waitFor({ state: 'detached' })
    await field.press('Backspace')
    await field.press('Backspace')
    await field.press('Enter')
    const mention = bob.message('Please look').locator('.mention')
    await mention.waitFor()
    expect(await mention.innerText()).toBe('@Bob')
    expect(await bob.message('Please look').getAttribute('data-mention')).toBe('true')
    expect(await alice.message('Please look').getAttribute('data-mention')).toBeNull()
    const { items } = await caller('bob').message.list({ roomId, limit: 1 })
    expect(items[0]?.mentions).toEqual(['bob'])
  })

  test('mentions are counted in the list of rooms', async () => {
    const { id: other } = await caller('bob').room.create({ kind: 'group', name: 'Garden', memberIds: ['alice'] })
    await caller('bob').message.send({ roomId: other, clientId: newId(), content: 'Hi @Alice', mentions: ['alice'] })
    await alice.line('Garden').getByText('1 mention').waitFor()
    await alice.line('Garden').getByText('1 unread').waitFor()
  })

  test('who has seen the last own message stands under it, and in the menu of each', async () => {
    await alice.say(ROOM, 'Thursday then')
    await alice.message('Thursday then').getByText('Seen by Bob').waitFor()
    await alice.choose('Thursday then', 'Seen by…')
    await alice.page.getByRole('dialog', { name: 'Seen by' }).getByText('Bob').waitFor()
    await alice.page.keyboard.press('Escape')
  })

  test('a pinned message is in the list of pins, a hidden one is gone for one alone and can be had back', async () => {
    await alice.choose('Thursday then', 'Pin message')
    await bob.message('Thursday then').getByText('Pinned', { exact: true }).waitFor()
    await bob.page.getByRole('button', { name: 'Show pinned messages' }).click()
    await bob.page.getByRole('complementary').getByText('Thursday then').waitFor()
    await bob.page.getByRole('button', { name: 'Hide pinned messages' }).click()
    await bob.choose('Thursday then', 'Hide for me')
    await bob.message('Thursday then').waitFor({ state: 'detached' })
    expect(await alice.message('Thursday then').count()).toBe(1)
    await bob.page.getByRole('button', { name: 'Undo' }).click()
    await bob.message('Thursday then').waitFor()
  })

  test('a message of somebody else can be brought before the moderators', async () => {
    await bob.choose('Thursday then', 'Report…')
    await bob.page.getByRole('dialog').getByRole('button', { name: 'Report', exact: true }).click()
    await bob.page.getByText('Reported. The moderators').waitFor()
  })

  test('a message goes on to another room, and says where it comes from', async () => {
    await alice.choose('Thursday then', 'Forward…')
    await alice.page.getByRole('dialog', { name: 'Forward to' }).getByRole('button', { name: 'Garden' }).click()
    await alice.page.getByText('Forwarded to Garden.').waitFor()
    await alice.page.getByRole('button', { name: 'Show', exact: true }).click()
    await alice.page.getByText('Forwarded from Alice').waitFor()
    await alice.open(ROOM)
  })

  test('search finds a message of long ago, marks the words, and goes there', async () => {
    for (let day = 1; day <= 130; day++) await say('bob', `Day ${day}, nothing to tell`)
    await alice.message('Day 130,').waitFor()
    await alice.page.keyboard.press('Control+Shift+F')
    const panel = alice.page.getByRole('complementary', { name: 'Search' })
    const field = panel.getByRole('searchbox')
    const hit = panel.getByRole('button', { name: /Wonderful/ })
    await expect
      .poll(
        async () => {
          // The index is a moment behind.
          await field.fill('')
          await field.fill('wonderful')
          return hit.waitFor({ timeout: 1_000 }).then(
            () => true,
            () => false,
          )
        },
        { timeout: 8_000 },
      )
      .toBe(true)
    expect(await panel.locator('mark').first().innerText()).toBe('Wonderful')
    await hit.click()
    await alice.message('Wonderful').and(alice.page.locator(':focus')).waitFor()
    await expect.poll(() => alice.page.locator('[data-message]:focus').isVisible()).toBe(true)
    const { bottom, top } = await alice.message('Wonderful').evaluate((row) => row.getBoundingClientRect())
    expect([top > 60, bottom < 800]).toEqual([true, true])
    await alice.page.getByRole('button', { name: 'Latest messages' }).click()
    await alice.message('Day 130,').waitFor()
  })

  test('keys act on the message that has the focus, and one of them lists them all', async () => {
    await alice.page.keyboard.press('Escape')
    await alice.field(ROOM).focus()
    await alice.page.keyboard.press('Shift+Tab')
    await alice.page.keyboard.press('Home')
    await alice.page.locator('[data-row]:focus').waitFor()
    await alice.page.keyboard.press('t')
    await thread(alice).waitFor()
    await alice.page.keyboard.press('Escape')
    await thread(alice).waitFor({ state: 'detached' })
    await alice.page.keyboard.press('Control+/')
    await alice.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Reply in a thread').waitFor()
    await alice.page.keyboard.press('Escape')
  })

  test('unread messages further back are one button away', async () => {
    const diary = await caller('bob').room.create({ kind: 'group', name: 'Diary', memberIds: ['alice'] })
    for (let day = 1; day <= 90; day++) await say('bob', `Entry ${day} of the diary`, { roomId: diary.id })
    await alice.line('Diary').getByText('90 unread').waitFor()
    await alice.open('Diary')
    await alice.page.getByRole('button', { name: 'First unread' }).click()
    await alice.message('Entry 1 of').waitFor()
    await expect
      .poll(() => alice.message('Entry 1 of').evaluate((row) => row.getBoundingClientRect().top))
      .toBeGreaterThan(0)
  })

  test('on a narrow screen a thread lies over the timeline, and nothing is wider than the screen', async () => {
    await bob.page.setViewportSize({ width: 360, height: 740 })
    // By key: while the page makes itself narrow, rows move away from under a pointer.
    await bob.message('Day 130,').focus()
    await bob.page.keyboard.press('t')
    await thread(bob).getByRole('textbox').waitFor()
    const { width } = await thread(bob).evaluate((panel) => panel.getBoundingClientRect())
    expect(width).toBe(360)
    // The panel slides in.
    await expect.poll(() => bob.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
    expect([...alice.faults, ...bob.faults]).toEqual([])
  })
})
