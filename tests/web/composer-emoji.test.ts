import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'
import { Finger } from './page-touch.ts'

const ROOM = 'Autumn launch'
const PATIENCE = { timeout: 8_000 }
/** What the names and keywords of all emoji may weigh on the wire. */
const CATALOG_BYTES = 30_000

describe.skipIf(!chromiumPath)('emoji in the composer and in reactions', { timeout: 60_000 }, () => {
  const stage = usePageStage()
  let alice: PagePerson

  const field = () => alice.field(ROOM)
  const text = () => field().inputValue()
  const search = () => alice.page.getByRole('searchbox', { name: 'Search emoji' })
  const options = () => alice.page.getByRole('listbox', { name: 'Emoji' }).getByRole('option')
  const open = () => alice.page.getByRole('button', { name: 'Emoji', exact: true }).click()
  const catalogs = () =>
    alice.page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .flatMap((entry) =>
          entry instanceof PerformanceResourceTiming && entry.name.includes('emoji-catalog')
            ? entry.encodedBodySize
            : [],
        ),
    )

  beforeAll(async () => {
    if (!chromiumPath) return
    alice = await stage.enter('Alice')
    await stage.caller('bob').room.list({})
    const room = await stage.caller('alice').room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] })
    await stage.say('bob', room.id, 'The proofs are here')
    await alice.open(ROOM)
    await alice.sees('The proofs are here')
  }, 60_000)

  beforeEach(async () => {
    if (chromiumPath) await field().fill('')
  })

  test('the names of all emoji come when they are first wanted, once, and are light', async () => {
    await field().fill('10:30, no :s and https://a.b/:smile')
    expect(await catalogs()).toEqual([])
    await field().fill('')
    await open()
    await alice.page.getByRole('region', { name: 'Flags' }).waitFor({ state: 'attached' })
    const [bytes, ...more] = await catalogs()
    expect(bytes).toBeGreaterThan(1_000)
    expect(bytes).toBeLessThan(CATALOG_BYTES)
    expect(more).toEqual([])
    await alice.page.keyboard.press('Escape')
    await alice.page.locator('[aria-label="Emoji"]:focus').waitFor()
  })

  test('one is found by its name and goes where the caret was; the search begins where it is typed', async () => {
    const { keyboard } = alice.page
    await field().fill('Hello world')
    for (let step = 0; step < 6; step++) await keyboard.press('ArrowLeft')
    await open()
    await alice.page.locator('input:focus').waitFor()
    await keyboard.type('popper')
    await alice.page.getByRole('button', { name: 'Party popper' }).waitFor()
    await keyboard.press('Enter')
    await alice.page.locator('textarea:focus').waitFor()
    expect(await text()).toBe('Hello🎉 world')
    await keyboard.type('!')
    expect(await text()).toBe('Hello🎉! world')
    // The browser's own undo takes back what was typed, then the emoji.
    await keyboard.press('Control+z')
    await keyboard.press('Control+z')
    expect(await text()).toBe('Hello world')
  })

  test('arrow keys go through the groups, letters back to the search, and buttons lead to a group', async () => {
    const { keyboard } = alice.page
    const focused = () => alice.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await open()
    await alice.page.getByRole('region', { name: 'Flags' }).waitFor({ state: 'attached' })
    await keyboard.press('ArrowDown')
    const first = await focused()
    await keyboard.press('ArrowRight')
    expect(await focused()).not.toBe(first)
    await keyboard.press('ArrowLeft')
    expect(await focused()).toBe(first)
    // Two rows of those that are used most, then the first group.
    await keyboard.press('ArrowDown')
    await keyboard.press('ArrowDown')
    expect(await focused()).toBe('Grinning face 😀')
    await keyboard.press('ArrowUp')
    await keyboard.press('ArrowUp')
    await keyboard.press('ArrowUp')
    await alice.page.locator('input:focus').waitFor()
    await alice.page
      .getByRole('navigation', { name: 'Emoji categories' })
      .getByRole('button', { name: 'Flags' })
      .click()
    expect(await focused()).toBe('Chequered flag 🏁')
    const shown = alice.page.getByRole('button', { name: 'Chequered flag' })
    const isInView = () =>
      shown.evaluate((element) => {
        const box = element.closest('.emoji-scroll')?.getBoundingClientRect()
        const { top, bottom } = element.getBoundingClientRect()
        return box !== undefined && top >= box.top && bottom <= box.bottom
      })
    await expect.poll(isInView, PATIENCE).toBe(true)
    await keyboard.type('x')
    expect(await search().inputValue()).toBe('x')
    await keyboard.press('Escape')
    await search().waitFor({ state: 'detached' })
  })

  test('what was used last comes first, also after the page was loaded again', async () => {
    await open()
    await search().fill('owl')
    await alice.page.getByRole('button', { name: 'Owl 🦉' }).click()
    expect(await text()).toBe('🦉')
    await field().fill('')
    await alice.page.reload()
    await field().waitFor()
    await open()
    const usual = alice.page.getByRole('region', { name: 'Frequently used' }).getByRole('button')
    await expect.poll(() => usual.first().getAttribute('aria-label'), PATIENCE).toBe('Owl 🦉')
    expect(await usual.count()).toBe(16)
    await alice.page.keyboard.press('Escape')
  })

  test('a code offers its emoji in a list, by keyboard', async () => {
    const { keyboard } = alice.page
    await field().pressSequentially('Well done :ta')
    await options().first().waitFor()
    expect(await alice.page.getByRole('combobox').getAttribute('aria-expanded')).toBe('true')
    await keyboard.type('da')
    await expect.poll(() => options().allInnerTexts(), PATIENCE).toEqual([expect.stringContaining(':tada:')])
    await keyboard.press('Enter')
    expect(await text()).toBe('Well done 🎉')
    await keyboard.press('Control+z')
    expect(await text()).toBe('Well done :tada')
    await keyboard.press('Escape')
    await options().first().waitFor({ state: 'detached' })
    // Once it is closed, Enter sends.
    await keyboard.press('Enter')
    await alice.sees('Well done :tada')
  })

  test('a code that its colon closes becomes its emoji, and can be had back', async () => {
    const { keyboard } = alice.page
    await field().pressSequentially('Done :tada:')
    await expect.poll(text, PATIENCE).toBe('Done 🎉')
    await keyboard.press('Control+z')
    expect(await text()).toBe('Done :tada:')
    await keyboard.press('Control+y')
    expect(await text()).toBe('Done 🎉')
    await keyboard.type(' yes')
    expect(await text()).toBe('Done 🎉 yes')
    for (const written of ['from 10:30: on', '`:tada:`', 'a :nosuchcode: b', 'https://a.b/:tada:']) {
      await field().fill('')
      await field().pressSequentially(written)
      expect(await text()).toBe(written)
    }
  })

  test('the same picker reacts', async () => {
    const message = alice.message('The proofs are here')
    await message.hover()
    await message.getByRole('button', { name: 'Add reaction' }).click()
    await search().fill('rocket')
    await alice.page.getByRole('button', { name: 'Rocket 🚀' }).click()
    await message.getByRole('button', { name: '🚀 1' }).waitFor()
    expect(alice.faults).toEqual([])
  })

  test('on a phone it is a sheet, which brings up no keyboard by itself', async () => {
    const phone = await stage.enter('Alice', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
    const { page } = phone
    await phone.open(ROOM)
    const message = phone.message('The proofs are here')
    const sheet = page.locator('dialog.sheet[open]')
    const isEmojiFocused = page.locator('.sheet .emoji:focus')

    await page.getByRole('button', { name: 'Emoji', exact: true }).tap()
    await isEmojiFocused.waitFor()
    await sheet.getByRole('button', { name: 'Party popper' }).first().tap()
    await sheet.waitFor({ state: 'detached' })
    expect(await phone.field(ROOM).inputValue()).toBe('🎉')

    const finger = await Finger.on(page)
    await finger.press(message.locator('.message-text'))
    await sheet.waitFor()
    await finger.lift()
    await sheet.getByRole('button', { name: 'More emoji' }).tap()
    await isEmojiFocused.waitFor()
    await page.getByRole('region', { name: 'Flags' }).waitFor({ state: 'attached' })
    // The list scrolls under the finger, and the sheet stays.
    await sheet.locator('.emoji-scroll').evaluate((element) => element.scrollTo(0, 400))
    await finger.drag(sheet.locator('.emoji-scroll'), 160)
    expect(await sheet.evaluate((element) => getComputedStyle(element).translate)).toBe('none')
    await sheet.getByRole('searchbox', { name: 'Search emoji' }).fill('pear')
    await sheet.getByRole('button', { name: 'Pear 🍐' }).tap()
    await message.getByRole('button', { name: '🍐 1' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    expect(phone.faults).toEqual([])
    await page.context().close()
  })
})
