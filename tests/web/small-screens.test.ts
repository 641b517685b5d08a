import type { Locator } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'
import { Finger } from './page-touch.ts'

const ROOM = 'Autumn launch'

/** Whether the whole of it is inside the window. */
const isInWindow = (shown: Locator) =>
  shown.evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect()
    return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
  })

describe.skipIf(!chromiumPath)('the page on small screens', () => {
  const stage = usePageStage()
  let roomId: string

  const visit = async (width: number, height: number, isTouch = false): Promise<PagePerson> => {
    const viewport = { width, height }
    const person = await stage.enter('Alice', { viewport, ...(isTouch ? { hasTouch: true, isMobile: true } : {}) })
    await person.open(ROOM)
    await person.sees('Shall we print it?')
    return person
  }
  const leave = async (person: PagePerson) => {
    expect(person.faults).toEqual([])
    await person.page.context().close()
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    await Promise.all(['alice', 'bob'].map((name) => stage.caller(name).room.list({})))
    ;({ id: roomId } = await stage.caller('alice').room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] }))
    await stage.say('bob', roomId, 'The proofs are here')
    for (let line = 1; line <= 16; line++) await stage.say(line % 2 ? 'alice' : 'bob', roomId, `Line ${line}`)
    await stage.say('alice', roomId, 'Shall we print it?')
  }, 60_000)

  test.each([320, 360, 768, 1_100])(
    'what a message’s buttons open lies inside a window %i pixels wide',
    async (width) => {
      const alice = await visit(width, 640)
      const { page } = alice
      for (const text of ['Line 9', 'Shall we print it?']) {
        for (const [button, role] of [
          ['Add reaction', 'dialog'],
          ['More actions', 'menu'],
        ] as const) {
          await alice.message(text).last().hover()
          await alice.message(text).last().getByRole('button', { name: button }).click()
          const shown = page.getByRole(role, { name: button }).last()
          await shown.waitFor()
          // A sheet comes in from the edge.
          await expect.poll(() => isInWindow(shown), { timeout: 8_000 }).toBe(true)
          await page.keyboard.press('Escape')
          await shown.waitFor({ state: 'detached' })
          await page.locator(`[aria-label="${button}"]:focus`).waitFor()
        }
      }
      await leave(alice)
    },
    60_000,
  )

  test('a finger that rests on a message opens what can be done with it', async () => {
    const alice = await visit(390, 780, true)
    const { page } = alice
    const finger = await Finger.on(page)
    const sheet = page.getByRole('dialog', { name: 'Message actions' })
    const open = async () => {
      await finger.press(alice.message('Line 12').locator('.message-text'))
      await sheet.waitFor()
      await finger.lift()
    }

    await open()
    // The focus is inside, and comes to nothing else of the page.
    const focused = () =>
      page.evaluate(() => (document.activeElement?.closest('.sheet') ? 'sheet' : document.activeElement?.tagName))
    expect(await focused()).toBe('sheet')
    for (let key = 0; key < 30; key++) {
      await page.keyboard.press('Tab')
      expect(['sheet', 'BODY']).toContain(await focused())
    }
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })

    await open()
    await page.touchscreen.tap(195, 60)
    await sheet.waitFor({ state: 'detached' })

    await open()
    await finger.drag(sheet.locator('.sheet-grip'), 30)
    await expect.poll(() => isInWindow(sheet)).toBe(true)
    await finger.drag(sheet.locator('.sheet-grip'), 200)
    await sheet.waitFor({ state: 'detached' })

    await open()
    await sheet.getByRole('button', { name: 'Party popper' }).tap()
    await sheet.waitFor({ state: 'detached' })
    await alice.message('Line 12').getByRole('button', { name: '🎉 1' }).waitFor()

    await open()
    await sheet.getByRole('menuitem', { name: 'Reply', exact: true }).tap()
    await page.getByText('Replying to Bob').waitFor()
    await leave(alice)
  })

  test('a finger that scrolls opens nothing, and no bar of buttons covers what a tap was at', async () => {
    const alice = await visit(390, 780, true)
    const finger = await Finger.on(alice.page)
    await finger.drag(alice.message('Line 12').locator('.message-text'), 60)
    await alice.message('Line 14').locator('.message-text').tap()
    expect(await alice.page.getByRole('dialog').count()).toBe(0)
    expect(await alice.page.getByRole('toolbar').filter({ visible: true }).count()).toBe(0)
    await leave(alice)
  })

  test.each([768, 1_024])('at %i pixels a side panel lies over a scrim, which closes it', async (width) => {
    const alice = await visit(width, 800)
    const { page } = alice
    const panel = page.getByRole('complementary', { name: 'About this room' })
    await page.getByRole('button', { name: 'Show members' }).click()
    await panel.waitFor()
    const { x, y } = await alice.message('Line 9').evaluate((row) => {
      const { left, top } = row.getBoundingClientRect()
      return { x: left + 60, y: top + 5 }
    })
    const hit = await page.evaluate(([left, top]) => document.elementFromPoint(left, top)?.className, [x, y] as const)
    expect(hit).toBe('panel-scrim')
    for (let key = 0; key < 20; key++) await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('.conversation-main') === null)).toBe(true)
    await page.mouse.click(x, y)
    await panel.waitFor({ state: 'detached' })
    await page.locator('[aria-label="Show members"]:focus').waitFor()
    await leave(alice)
  })

  test('a message that was found is not hidden behind the panel that it was found in', async () => {
    const alice = await visit(390, 780)
    await alice.page.getByRole('button', { name: 'Show search' }).click()
    const hit = alice.page.getByRole('button', { name: /The proofs are here/ })
    await expect
      .poll(
        async () => {
          // The index is a moment behind.
          await alice.page.getByRole('searchbox').fill('')
          await alice.page.getByRole('searchbox').fill('proofs')
          return hit.waitFor({ timeout: 1_000 }).then(
            () => true,
            () => false,
          )
        },
        { timeout: 10_000 },
      )
      .toBe(true)
    await hit.click()
    await alice.page.getByRole('complementary').waitFor({ state: 'detached' })
    await alice.message('The proofs are here').and(alice.page.locator('[data-sought]')).waitFor()
    await leave(alice)
  })

  test('tabs that do not fit show on which side there are more', async () => {
    const alice = await visit(320, 640)
    const { page } = alice
    await page.getByRole('button', { name: 'Show members' }).click()
    await page.getByRole('button', { name: 'Moderation' }).click()
    const tabs = page.getByRole('tablist')
    await expect.poll(() => tabs.getAttribute('data-more')).toBe('end')
    await page.getByRole('tab').last().click()
    await expect.poll(() => tabs.getAttribute('data-more')).toBe('start')
    await expect.poll(() => isInWindow(page.getByRole('tab').last())).toBe(true)
    await leave(alice)
  })
})
