import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const OTHER = 'Garden'

/** One server, two windows of one person, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('“Mark as unread”', () => {
  const stage = usePageStage()
  let here: PagePerson
  let there: PagePerson
  let roomId: string

  const shows = async (unread: string) => {
    for (const window of [here, there]) {
      await window
        .line(ROOM)
        .locator('.badge')
        .filter({ hasText: `${unread} unread` })
        .waitFor()
    }
  }
  const isRead = async () => {
    for (const window of [here, there]) await window.line(ROOM).locator('.badge').waitFor({ state: 'detached' })
  }
  /** What the timeline says below the line. */
  const belowLine = (window: PagePerson) =>
    window.page.locator('.timeline').evaluate((timeline) => {
      const line = timeline.querySelector('.new-line')
      const texts = [...timeline.querySelectorAll('.message-text')]
      const isBelow = (text: Element) => line && line.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING
      return texts.filter(isBelow).map((text) => text.textContent)
    })
  const unread = async () => (await stage.caller('alice').room.get({ roomId })).viewer.unread

  beforeAll(async () => {
    if (!chromiumPath) return
    ;[here, there] = [await stage.enter('Alice'), await stage.enter('Alice')]
    await stage.caller('bob').room.list({})
    const make = (name: string) => stage.caller('alice').room.create({ kind: 'group', name, memberIds: ['bob'] })
    ;[{ id: roomId }] = [await make(ROOM), await make(OTHER)]
    for (const line of [1, 2, 3, 4]) await stage.say('bob', roomId, `Line ${line}`)
    for (const window of [here, there]) {
      await window.open(ROOM)
      await window.sees('Line 4')
    }
    await isRead()
  }, 60_000)

  test('makes the message and what came after it unread in both windows, which go on showing the room', async () => {
    await here.choose('Line 3', 'Mark as unread')
    await shows('2')
    for (const window of [here, there]) expect(await belowLine(window)).toEqual(['Line 3', 'Line 4'])
    const { id } = await stage.say('bob', roomId, 'Line 5')
    for (const window of [here, there]) await window.page.locator(`[data-message="${id}"]`).waitFor()
    await shows('3')
    await here.open(OTHER)
    await shows('3')
    await here.open(ROOM)
    await isRead()
  })

  test('the very first message can be marked, and the room stays unread while one looks at another one', async () => {
    await here.choose('Line 1', 'Mark as unread')
    await shows('5')
    for (const window of [here, there]) expect((await belowLine(window))[0]).toBe('Line 1')
    await here.open(OTHER)
    await shows('5')
    expect(await unread()).toBe(5)
    await here.open(ROOM)
    await isRead()
  })

  test('one who comes back to the window reads on by scrolling to the end', async () => {
    for (let line = 6; line <= 30; line++) await stage.say('bob', roomId, `Line ${line}`)
    for (const window of [here, there]) await window.sees('Line 30')
    await isRead()
    await here.choose('Line 30', 'Mark as unread')
    await shows('1')
    const scroll = async (by: number) => {
      await here.message('Line 29').hover()
      await here.page.mouse.wheel(0, by)
    }
    const toEnd = here.page.getByRole('button', { name: 'Latest messages' })
    const upAndDown = async () => {
      await scroll(-400)
      await toEnd.waitFor()
      await here.page.mouse.wheel(0, 800)
      await toEnd.waitFor({ state: 'detached' })
    }
    await upAndDown()
    await here.line(OTHER).hover()
    await shows('1')
    expect(await unread()).toBe(1)
    // What a browser says when another window comes to the front, and goes again.
    await here.page.evaluate(() => {
      Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true })
      dispatchEvent(new Event('blur'))
    })
    await here.page.evaluate(() => {
      Reflect.deleteProperty(document, 'hasFocus')
      dispatchEvent(new Event('focus'))
    })
    await shows('1')
    await upAndDown()
    await isRead()
  })

  test('one who writes, or marks the room as read, reads on', async () => {
    await here.choose('Line 30', 'Mark as unread')
    await shows('1')
    await there.say(ROOM, 'I am still here')
    await isRead()
    await stage.say('bob', roomId, 'Good')
    for (const window of [here, there]) await window.sees('Good')
    await isRead()
    await there.choose('Good', 'Mark as unread')
    await shows('1')
    await there.line(ROOM).click({ button: 'right' })
    await there.page.getByRole('menuitem', { name: 'Mark as read' }).click()
    await isRead()
    await there.message('I am still here').hover()
    await there.message('I am still here').getByRole('button', { name: 'More actions' }).click()
    expect(await there.page.getByRole('menuitem', { name: 'Mark as unread' }).count()).toBe(0)
    await there.page.keyboard.press('Escape')
    expect([here.faults, there.faults]).toEqual([[], []])
  })
})
