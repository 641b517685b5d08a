import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../support/test-app.ts'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'

/** One room, two windows: each test writes messages of its own. */
describe.skipIf(!chromiumPath)('what messages say, on the page', () => {
  const stage = usePageStage()
  let roomId: string
  let alice: PagePerson
  let bob: PagePerson
  const asked: string[] = []

  const visit = async (name: string): Promise<PagePerson> => {
    const viewport = { width: 1_300, height: 900 }
    const person = await stage.arrive({ viewport, permissions: ['clipboard-read', 'clipboard-write'] })
    person.page.on('request', (request) => asked.push(request.url()))
    await person.signIn(name)
    await person.open(ROOM)
    return person
  }

  const settings = async (person: PagePerson) => {
    await person.page.getByRole('button', { name: 'Show members' }).click()
    await person.page.getByRole('button', { name: 'Room settings' }).click()
    await person.page.getByRole('tab', { name: 'For me' }).click()
    return person.page.getByRole('dialog', { name: 'Room settings' })
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    await Promise.all(['alice', 'bob'].map((name) => stage.caller(name).room.list({})))
    ;({ id: roomId } = await stage.caller('alice').room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] }))
    ;[alice, bob] = await Promise.all([visit('Alice'), visit('Bob')])
  }, 60_000)

  test('the highlighter comes with the first code that names its language, and a button copies the code', async () => {
    await stage.say('bob', roomId, 'Plain:\n```\nconst plain = 1\n```')
    await alice.sees('const plain = 1')
    const isHighlighter = (url: string) => url.includes('/highlight-code-')
    expect(asked.filter(isHighlighter)).toEqual([])

    await stage.say('bob', roomId, '```ts\nconst answer = "*42*"\n// done\n```')
    const block = alice.message('const answer').locator('.text-code')
    await block.locator('[data-scope="keyword"]', { hasText: 'const' }).waitFor()
    await block.locator('[data-scope="string"]', { hasText: '"*42*"' }).waitFor()
    expect(await block.locator('code').innerText()).toBe('const answer = "*42*"\n// done')
    expect(asked.some(isHighlighter)).toBe(true)
    expect(await alice.message('const plain').locator('[data-scope]').count()).toBe(0)

    await block.getByRole('button', { name: 'Copy code' }).click()
    await block.getByText('Copied').waitFor()
    expect(await alice.page.evaluate(() => navigator.clipboard.readText())).toBe('const answer = "*42*"\n// done')
  })

  test('nested lists show as lists, and a name in them is a mention that reaches its owner', async () => {
    await alice.field(ROOM).fill('- tea\n  1. green\n  2. @bob brings it')
    await alice.field(ROOM).press('Enter')
    await bob.message('green').locator('ul > li > ol > li:nth-child(2) .mention[data-own]').waitFor()
    const { items } = await stage.caller('bob').message.list({ roomId, limit: 1 })
    expect(items[0]?.mentions).toEqual(['bob'])
  })

  test('a few emoji alone are large', async () => {
    await stage.say('bob', roomId, '🎉 👍🏽')
    await stage.say('bob', roomId, '🎉 well done')
    const sizeOf = (text: string) =>
      alice
        .message(text)
        .last()
        .locator('.message-text')
        .evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))
    await alice.sees('🎉 well done')
    expect(await sizeOf('🎉 👍🏽')).toBeGreaterThan((await sizeOf('🎉 well done')) * 1.5)
  })

  test('previews hold words and no marks', async () => {
    const { id } = await stage.say('bob', roomId, '**Final** [proofs](https://example.com/p) of `page_1`')
    const plain = 'Final proofs of page_1'
    await alice.line(ROOM).getByText(plain).waitFor()

    await alice.choose(plain, 'Reply')
    await alice.page.locator('.conversation-foot').getByText(plain).waitFor()
    await alice.say(ROOM, 'Thank you')
    await alice.message('Thank you').locator('.quote-line').getByText(plain).waitFor()

    const row = () => alice.page.locator(`[data-message="${id}"]`)
    for (const [choice, title] of [
      ['Forward…', 'Forward to'],
      ['Report…', 'Report this message'],
      ['Delete message', 'Delete this message?'],
    ] as const) {
      await row().hover()
      await row().getByRole('button', { name: 'More actions' }).click()
      await alice.page.getByRole('menuitem', { name: choice, exact: true }).click()
      const dialog = alice.page.locator('dialog').filter({ hasText: title })
      await dialog.getByText(plain).waitFor()
      await alice.page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
    }

    await stage.caller('alice').message.pin({ roomId, messageId: id })
    await alice.page.getByRole('button', { name: 'Show pinned messages' }).click()
    await alice.page.getByRole('complementary', { name: 'Pinned messages' }).getByText(plain).waitFor()

    await stage.caller('alice').message.send({ roomId, clientId: newId(), content: 'A reply', threadId: id })
    await alice.page.getByRole('button', { name: 'Threads' }).click()
    await alice.page.getByRole('dialog', { name: 'Threads you follow' }).getByText(plain).waitFor()
    await alice.page.keyboard.press('Escape')

    await alice.page.getByRole('button', { name: 'Show search' }).click()
    await alice.page.getByRole('searchbox', { name: 'Search messages' }).fill('final proofs')
    const hit = alice.page.getByRole('list', { name: 'Search results' }).getByRole('button').filter({ hasText: plain })
    await hit.waitFor()
    expect(await hit.locator('mark').allInnerTexts()).toEqual(['Final', 'proofs'])
    await alice.page.keyboard.press('Escape')
  })

  test('a hidden message comes back by Undo, and later from the settings of the room', async () => {
    await stage.say('bob', roomId, 'Out of **sight**')
    await alice.choose('Out of sight', 'Hide for me')
    await alice.message('Out of sight').waitFor({ state: 'detached' })
    await alice.page.getByRole('button', { name: 'Undo' }).click()
    await alice.sees('Out of sight')

    await alice.choose('Out of sight', 'Hide for me')
    await alice.message('Out of sight').waitFor({ state: 'detached' })
    const dialog = await settings(alice)
    const hidden = dialog.getByRole('region', { name: 'Hidden messages' })
    await hidden.getByText('Out of sight').waitFor()
    await hidden.getByRole('button', { name: 'Unhide Bob’s message' }).press('Enter')
    await hidden.getByText('You haven’t hidden any messages here.').waitFor()
    expect(await alice.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Hidden messages')
    await alice.page.keyboard.press('Escape')
    await alice.sees('Out of sight')
    await bob.sees('Out of sight')
    expect((await stage.caller('alice').message.hidden({ roomId })).items).toEqual([])
  })

  test('“(edited)” opens what a message said before, with the time of each version', async () => {
    const { id } = await stage.say('bob', roomId, 'The **first** words')
    for (const content of ['Second words', 'Third words']) {
      await stage.caller('bob').message.edit({ roomId, messageId: id, content })
    }
    await alice.message('Third words').getByRole('button', { name: '(edited)' }).click()
    const dialog = alice.page.getByRole('dialog', { name: 'Edit history' })
    const versions = dialog.getByRole('list', { name: 'Versions' }).getByRole('listitem')
    await versions.nth(2).waitFor()
    expect(await versions.locator('.message-text').allInnerTexts()).toEqual([
      'Third words',
      'Second words',
      'The first words',
    ])
    expect(await versions.locator('strong').allInnerTexts()).toEqual(['Now', 'Original', 'first'])
    const times = await versions
      .locator('time')
      .evaluateAll((all) => all.map((time) => Date.parse(time.getAttribute('datetime') ?? '')))
    expect(times).toHaveLength(3)
    expect(times).toEqual(times.toSorted((a, b) => b - a))

    // The dialog is of now: what happens meanwhile shows in it.
    await stage.caller('bob').message.edit({ roomId, messageId: id, content: 'Fourth words' })
    await versions.nth(3).waitFor()
    await versions.first().getByText('Fourth words').waitFor()
    // A delete also takes off the screen what was fetched before it.
    await stage.caller('bob').message.delete({ roomId, messageId: id })
    await dialog.getByText('This message was deleted.').waitFor()
    expect(await versions.count()).toBe(0)
    await alice.page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('the keyboard reaches “(edited)”, and the focus comes back', async () => {
    const { id } = await stage.say('bob', roomId, 'Before')
    await stage.caller('bob').message.edit({ roomId, messageId: id, content: 'After' })
    const row = alice.page.locator(`[data-message="${id}"]`)
    await row.getByRole('button', { name: '(edited)' }).waitFor()
    await row.focus()
    await alice.page.keyboard.press('Tab')
    await alice.page.keyboard.press('Enter')
    await alice.page.getByRole('dialog', { name: 'Edit history' }).getByText('Before').waitFor()
    await alice.page.keyboard.press('Escape')
    await row.locator('.message-edited:focus').waitFor()
  })

  test('@everyone leads to @room', async () => {
    await alice.field(ROOM).pressSequentially('@every')
    const option = alice.page.getByRole('option', { name: '@room' })
    await option.getByText('Notify everyone in this room').waitFor()
    await alice.page.keyboard.press('Enter')
    await option.waitFor({ state: 'detached' })
    expect(await alice.field(ROOM).inputValue()).toBe('@room ')
    await alice.field(ROOM).pressSequentially('lunch is here')
    await alice.field(ROOM).press('Enter')
    await bob.message('lunch is here').locator('.mention[data-own]', { hasText: '@room' }).waitFor()
    // Bob may not, and is not asked to.
    await bob.field(ROOM).pressSequentially('@every')
    await expect.poll(() => bob.page.locator('.composer-field').inputValue()).toBe('@every')
    expect(await bob.page.getByRole('option').count()).toBe(0)
    expect([alice.faults, bob.faults]).toEqual([[], []])
  })
})
