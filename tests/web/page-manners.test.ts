import type { Locator } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../support/test-app.ts'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const LONG = 'The proofs, the plates, the paper, the ink, the binding and the boxes are on their way to the printers. '

describe.skipIf(!chromiumPath)('the manners of the page', () => {
  const stage = usePageStage()
  let alice: PagePerson
  let roomId: string

  const boxOf = async (shown: Locator) => {
    const box = await shown.boundingBox()
    if (!box) throw new Error('It is not on the screen')
    return { ...box, right: box.x + box.width, bottom: box.y + box.height }
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    alice = await stage.enter('Alice')
    await stage.caller('bob').room.list({})
    ;({ id: roomId } = await stage.caller('alice').room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] }))
    for (let line = 1; line <= 8; line++) await stage.say(line < 5 ? 'bob' : 'alice', roomId, `Line ${line}. ${LONG}`)
    await alice.open(ROOM)
    await alice.sees('Line 8.')
  }, 60_000)

  beforeEach(() => alice.page.setViewportSize({ width: 1_100, height: 760 }))

  test('settings that change nothing here are not shown', async () => {
    const { page } = alice
    await page.getByRole('button', { name: 'Your preferences' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('switch', { name: 'Send read receipts' }).waitFor()
    expect(await dialog.getByRole('combobox').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Show members' }).click()
    await page.getByRole('button', { name: 'Room settings' }).click()
    await dialog.getByRole('tab', { name: 'For me' }).click()
    await dialog.getByRole('switch', { name: 'Pinned' }).waitFor()
    expect(await dialog.getByRole('combobox').count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Hide members' }).click()
  })

  test.each([360, 768, 1_100])('at %i pixels the buttons of a message cover no text', async (width) => {
    const { page } = alice
    await page.setViewportSize({ width, height: 760 })
    for (const line of ['Line 6.', 'Line 7.', 'Line 8.']) {
      await alice.message(line).locator('.message-text').hover()
      await alice.message(line).getByRole('toolbar').waitFor()
      const covered = await page.evaluate(() => {
        const bar = document.querySelector('.message:hover .message-actions')?.getBoundingClientRect()
        const texts = [...document.querySelectorAll('.timeline :is(.message-text, .message-head)')]
        const rectsOf = (element: Element) => {
          const range = document.createRange()
          range.selectNodeContents(element)
          return [...range.getClientRects()]
        }
        return texts
          .flatMap(rectsOf)
          .filter(
            ({ left, top, right, bottom }) =>
              !bar || (left < bar.right && right > bar.left && top < bar.bottom && bottom > bar.top),
          ).length
      })
      expect(covered).toBe(0)
    }
  })

  test('a notice covers neither the composer nor the room’s head', async () => {
    for (const width of [360, 1_100]) {
      await alice.page.setViewportSize({ width, height: 760 })
      await alice.choose('Line 2.', 'Hide for me')
      const toast = await boxOf(alice.page.locator('.toast'))
      expect(toast.bottom).toBeLessThan((await boxOf(alice.page.locator('.composer-box'))).y)
      expect(toast.y).toBeGreaterThanOrEqual((await boxOf(alice.page.locator('.room-head'))).bottom)
      await alice.page.getByRole('button', { name: 'Undo' }).click()
      await alice.message('Line 2.').waitFor()
    }
  })

  test('the window’s title counts what is unread in followed threads, too', async () => {
    const root = await stage.say('alice', roomId, 'Which font?')
    const reply = { roomId, clientId: newId(), content: 'Garamond', threadId: root.id }
    const { seq } = await stage.caller('bob').message.send(reply)
    const title = (is: string) => expect.poll(() => alice.page.title(), { timeout: 8_000 }).toBe(is)
    await title(`(1) ${ROOM} · Confab`)
    await stage.caller('alice').thread.read({ roomId, threadId: root.id, seq })
    await title(`${ROOM} · Confab`)
  })

  test('Escape asks before it throws away what was written into a form', async () => {
    const { page } = alice
    const dialog = page.getByRole('dialog', { name: 'New room' })
    const ask = page.getByRole('alertdialog', { name: 'Discard changes?' })
    await page.getByRole('button', { name: 'New conversation' }).click()
    await page.getByRole('menuitem', { name: 'New room' }).click()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'New conversation' }).click()
    await page.getByRole('menuitem', { name: 'New room' }).click()
    await dialog.getByLabel('Description').fill('For the launch')
    await page.keyboard.press('Escape')
    await ask.getByRole('button', { name: 'Keep editing' }).click()
    await ask.waitFor({ state: 'detached' })
    expect(await dialog.getByLabel('Description').inputValue()).toBe('For the launch')
    await page.keyboard.press('Escape')
    await ask.getByRole('button', { name: 'Discard' }).click()
    await dialog.waitFor({ state: 'detached' })
  })

  test('Shift and Tab lead out of the composer, to the messages, also while it offers names', async () => {
    await alice.field(ROOM).fill('')
    await alice.field(ROOM).pressSequentially('Hello @b')
    await alice.page.getByRole('option', { name: 'Bob' }).waitFor()
    await alice.page.keyboard.press('Shift+Tab')
    await alice.page.locator('.timeline :focus').waitFor()
    expect(await alice.field(ROOM).inputValue()).toBe('Hello @b')
    await alice.field(ROOM).fill('')
  })

  test('the page has an icon, and an address that leads nowhere says so in the reader’s form', async () => {
    const icons = ['/favicon.ico', (await alice.page.locator('link[rel=icon]').getAttribute('href')) ?? '']
    for (const path of icons) {
      const answer = await fetch(`${stage.url}${path}`)
      expect([answer.status, answer.headers.get('content-type')?.startsWith('image/')]).toEqual([200, true])
    }
    const api = await fetch(`${stage.url}/nowhere`)
    expect([api.status, await api.json()]).toEqual([404, { error: 'Not found' }])

    const lost = await stage.arrive()
    const answer = await lost.page.goto(`${stage.url}/nowhere`)
    expect(answer?.status()).toBe(404)
    await lost.page.getByRole('heading', { name: 'This page does not exist' }).waitFor()
    const link = lost.page.getByRole('link', { name: 'Open Confab' })
    expect(await link.evaluate((element) => getComputedStyle(element).textDecorationLine)).toBe('none')
    await link.click()
    await lost.page.getByLabel('Your name').waitFor()
    expect(alice.faults).toEqual([])
  })
})
