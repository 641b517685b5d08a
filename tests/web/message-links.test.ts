import { beforeAll, describe, expect, test } from 'vitest'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { chromiumPath, launchBrowser } from './page-browser.ts'
import { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const OTHER = 'Spring launch'

describe.skipIf(!chromiumPath)('links to messages', { timeout: 60_000 }, () => {
  const stage = usePageStage()
  let alice: PagePerson
  let [roomId, otherId] = ['', '']
  let [first, reply] = ['', '']

  const addressOf = (room: string, message: string) => `${stage.url}/#/rooms/${room}/messages/${message}`
  /** Opens an address as one that is typed in, in the window that is open. */
  const goTo = (address: string) => alice.page.evaluate((to) => location.assign(to), address)
  const marked = (place: string) => alice.page.locator(`${place} [data-sought]`)
  const pasted = async (room: string) => {
    await alice.field(room).fill('')
    await alice.field(room).press('Control+v')
    return alice.field(room).inputValue()
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    const [asAlice, asBob] = [stage.caller('alice'), stage.caller('bob')]
    await Promise.all([asAlice, asBob, stage.caller('carol')].map((caller) => caller.room.list({})))
    ;({ id: roomId } = await asAlice.room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] }))
    ;({ id: otherId } = await asAlice.room.create({ kind: 'group', name: OTHER, memberIds: ['bob'] }))
    ;({ id: first } = await stage.say('bob', roomId, 'The **first** line'))
    const send = { roomId, threadId: first }
    ;({ id: reply } = await asBob.message.send({ ...send, clientId: newId(), content: 'The first reply' }))
    for (let line = 1; line <= 60; line++) {
      await asBob.message.send({ ...send, clientId: newId(), content: `Reply ${line}` })
      await stage.say('bob', roomId, `Line ${line}`)
    }
    alice = await stage.arrive()
  }, 120_000)

  test('one opens the page at a message of long ago, after signing in; the address then names the room', async () => {
    const { page } = alice
    await goTo(addressOf(roomId, first))
    await alice.signIn('Alice')
    await marked('.timeline').getByText('The first line').waitFor()
    await page.locator('.timeline :focus', { hasText: 'The first line' }).waitFor()
    expect(new URL(page.url()).hash).toBe(`#/rooms/${roomId}`)
    // Once it has been seen, it stands out no more.
    await marked('.timeline').waitFor({ state: 'detached' })
  })

  test('its text can be copied as it was written, and its link leads back to it, each time', async () => {
    await alice.choose('The first line', 'Copy text')
    await alice.page.getByText('Copied.').waitFor()
    expect(await pasted(ROOM)).toBe('The **first** line')
    await alice.choose('The first line', 'Copy link')
    await alice.page.getByText('Link copied.').waitFor()
    const link = await pasted(ROOM)
    expect(link).toBe(addressOf(roomId, first))
    await alice.field(ROOM).fill('')
    for (let time = 0; time < 2; time++) {
      await alice.page.getByRole('button', { name: /Latest messages|new messages/ }).click()
      await alice.sees('Line 60')
      await goTo(link)
      await marked('.timeline').getByText('The first line').waitFor()
    }
  })

  test('one in another room’s message opens in this window, and the way back is the browser’s', async () => {
    const { page } = alice
    await stage.say('bob', otherId, `Look at ${addressOf(roomId, first)} and https://example.com/`)
    await alice.open(OTHER)
    const windows = page.context().pages().length
    await alice
      .message('Look at')
      .getByRole('link', { name: addressOf(roomId, first) })
      .click()
    await marked('.timeline').getByText('The first line').waitFor()
    expect(page.context().pages().length).toBe(windows)
    await page.goBack()
    await alice.field(OTHER).waitFor()
    // With Ctrl it opens beside the page, as links do.
    const beside = page.context().waitForEvent('page')
    await alice
      .message('Look at')
      .getByRole('link', { name: '/messages/' })
      .click({ modifiers: ['Control'] })
    await (await beside).close()
    await alice.field(OTHER).waitFor()
  })

  test('a link to a reply opens its thread at the reply, also at one that is pages away', async () => {
    const { page } = alice
    await goTo(addressOf(roomId, reply))
    await marked('.thread-panel').getByText('The first reply').waitFor()
    await page.locator('.thread-panel :focus', { hasText: 'The first reply' }).waitFor()
    const panel = page.getByRole('complementary', { name: 'Thread' })
    const row = panel.getByRole('article').filter({ hasText: 'Reply 60' })
    await row.hover()
    await row.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Copy link' }).click()
    await page.getByText('Link copied.').waitFor()
    await panel.getByRole('button', { name: 'Close' }).click()
    await goTo(await pasted(ROOM))
    await marked('.thread-panel').getByText('Reply 60').waitFor()
    await alice.field(ROOM).fill('')
    await panel.getByRole('button', { name: 'Close' }).click()
  })

  test('a message that is gone, hidden or unknown, and a room of others, are named in words', async () => {
    const { page } = alice
    const said = (words: string) => page.getByText(words).waitFor()
    const deleted = await stage.say('bob', roomId, 'Never mind')
    const hidden = await stage.say('bob', roomId, 'Look away')
    await stage.caller('bob').message.delete({ roomId, messageId: deleted.id })
    await stage.caller('alice').message.hide({ roomId, messageId: hidden.id })
    await goTo(addressOf(roomId, deleted.id))
    await said('This message was deleted.')
    await goTo(addressOf(roomId, newId()))
    await said('This no longer exists, or you don’t have access to it.')
    await goTo(addressOf(roomId, hidden.id))
    await said('You have hidden this message.')
    const secret = await stage.caller('bob').room.create({ kind: 'group', name: 'Secret', memberIds: ['carol'] })
    const message = await stage.say('bob', secret.id, 'Nobody else')
    await goTo(addressOf(secret.id, message.id))
    await said('This room does not exist, or you don’t have access to it.')
    expect(alice.faults).toEqual([])
  })
})

describe.skipIf(!chromiumPath)('copying on a plain address of the own network', { timeout: 60_000 }, () => {
  const stage = usePageStage({ authSecret: TEST_SECRET })

  test('works without the clipboard’s API, and leaves the focus where it was', async () => {
    // Any name but "localhost" is one that browsers don't trust over plain HTTP.
    const browser = await launchBrowser(['--host-resolver-rules=MAP chat.lan 127.0.0.1'])
    try {
      const room = await stage.caller('alice').room.create({ kind: 'group', name: ROOM })
      const { id } = await stage.say('alice', room.id, 'The **first** line')
      const url = stage.url.replace(/\/\/[^:]+/, '//chat.lan')
      const alice = await PagePerson.arrive(browser, url)
      const { page } = alice
      expect(await page.evaluate(() => 'clipboard' in navigator)).toBe(false)
      await page.getByLabel('Token').fill(await signToken('alice', { name: 'Alice' }))
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await alice.open(ROOM)
      const pasted = async () => {
        await alice.field(ROOM).fill('')
        await alice.field(ROOM).press('Control+v')
        return alice.field(ROOM).inputValue()
      }
      await alice.choose('The first line', 'Copy text')
      await page.getByText('Copied.').waitFor()
      await page.locator('[aria-label="More actions"]:focus').waitFor()
      expect(await pasted()).toBe('The **first** line')
      await alice.choose('The first line', 'Copy link')
      await page.getByText('Link copied.').waitFor()
      expect(await pasted()).toBe(`${url}/#/rooms/${room.id}/messages/${id}`)

      // Also out of a dialog, outside of which nothing can be selected.
      await alice.field(ROOM).fill('')
      await page.getByRole('button', { name: 'Show members' }).click()
      await page.getByRole('button', { name: 'Invite by link' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Create link' }).click()
      await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
      await dialog.getByRole('button', { name: 'Copied' }).waitFor()
      const link = await dialog.getByLabel('Link', { exact: true }).inputValue()
      await page.keyboard.press('Escape')
      expect(await pasted()).toBe(link)
      // The browser itself notes that the page does not come over HTTPS.
      expect(alice.faults.filter((fault) => !fault.includes('untrustworthy'))).toEqual([])
    } finally {
      await browser.close()
    }
  })
})
