import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'

describe.skipIf(!chromiumPath)('formatting in the composer', { timeout: 60_000 }, () => {
  const stage = usePageStage()
  let alice: PagePerson

  const field = () => alice.field(ROOM)
  const text = () => field().inputValue()
  const selected = () =>
    field().evaluate((element) =>
      element instanceof HTMLTextAreaElement ? element.value.slice(element.selectionStart, element.selectionEnd) : '',
    )
  /** Types into the empty field, and selects the last word. */
  const write = async (words: string) => {
    await field().pressSequentially(words)
    await alice.page.keyboard.press('Control+Shift+ArrowLeft')
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    alice = await stage.enter('Alice')
    await stage.caller('alice').room.create({ kind: 'group', name: ROOM })
    await alice.open(ROOM)
  }, 60_000)

  beforeEach(async () => {
    if (chromiumPath) await field().fill('')
  })

  test.each([
    ['Control+b', 'see **this**'],
    ['Control+i', 'see *this*'],
    ['Control+Shift+X', 'see ~~this~~'],
    ['Control+e', 'see `this`'],
  ])('%s formats what is selected, again takes it away, and can be undone', async (key, formatted) => {
    const { keyboard } = alice.page
    await write('see this')
    await keyboard.press(key)
    expect([await text(), await selected()]).toEqual([formatted, 'this'])
    await keyboard.press(key)
    expect([await text(), await selected()]).toEqual(['see this', 'this'])
    await keyboard.press('Control+z')
    expect(await text()).toBe(formatted)
    await keyboard.press('Control+z')
    expect(await text()).toBe('see this')
    await keyboard.press('Control+Shift+z')
    expect(await text()).toBe(formatted)
  })

  test('Ctrl+Shift+K makes a link whose address is written next, and Ctrl+K stays what it is', async () => {
    const { keyboard } = alice.page
    await write('see this')
    await keyboard.press('Control+Shift+K')
    expect(await selected()).toBe('https://')
    await keyboard.type('https://example.com')
    expect(await text()).toBe('see [this](https://example.com)')
    await keyboard.press('Enter')
    await alice.message('see this').getByRole('link', { name: 'this' }).waitFor()
    await keyboard.press('Control+k')
    expect(await text()).toBe('')
    await keyboard.press('Escape')
  })

  test('in a list, a new line goes on with the list until one is empty', async () => {
    const { keyboard } = alice.page
    await field().pressSequentially('- ink')
    await keyboard.press('Shift+Enter')
    await keyboard.type('paper')
    await keyboard.press('Shift+Enter')
    expect(await text()).toBe('- ink\n- paper\n- ')
    await keyboard.press('Shift+Enter')
    await keyboard.type('All of it')
    expect(await text()).toBe('- ink\n- paper\nAll of it')
    await field().fill('plain')
    await keyboard.press('Shift+Enter')
    expect(await text()).toBe('plain\n')
  })

  test('wide fields have buttons for it, which leave what is selected and where the focus is', async () => {
    const { page } = alice
    await page.setViewportSize({ width: 1_280, height: 760 })
    const bar = page.getByRole('toolbar', { name: 'Formatting' })
    await write('see this')
    await bar.getByRole('button', { name: 'Bold' }).click()
    expect([await text(), await selected()]).toEqual(['see **this**', 'this'])
    await page.locator('textarea:focus').waitFor()
    // One of them is reached by Tab, and the others by arrow keys.
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    expect(await text()).toBe('see ***this***')
    await page.setViewportSize({ width: 768, height: 760 })
    await bar.waitFor({ state: 'hidden' })
    expect(alice.faults).toEqual([])
  })

  test('the list of shortcuts names the keys', async () => {
    await alice.page.keyboard.press('Control+/')
    await alice.page.getByRole('dialog').getByText('Ctrl Shift K').waitFor()
    await alice.page.keyboard.press('Escape')
  })
})
