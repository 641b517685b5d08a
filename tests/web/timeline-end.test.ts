import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const LONG = 'The proofs, the plates, the paper, the ink, the binding and the boxes are on their way to the printers. '

/** One server, one window, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('the end of the timeline', () => {
  const stage = usePageStage()
  let alice: PagePerson
  let roomId: string

  /** Whether the whole of it is on the screen, inside the timeline. */
  const isShown = (text: string) =>
    alice
      .message(text)
      .last()
      .evaluate((row) => {
        const box = row.closest('.timeline-scroll')?.getBoundingClientRect()
        const { top, bottom } = row.getBoundingClientRect()
        return box !== undefined && top >= box.top && bottom <= box.bottom + 0.5
      })
  const readSeq = async () => {
    const { rooms } = await stage.caller('alice').inbox.get()
    return rooms.find((room) => room.roomId === roomId)?.readSeq
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    alice = await stage.enter('Alice')
    await stage.caller('bob').room.list({})
    ;({ id: roomId } = await stage.caller('alice').room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] }))
    // Of many heights: what is said of a row before it is laid out can't be right.
    for (let day = 1; day <= 130; day++) await stage.say('bob', roomId, `Day ${day}. ${LONG.repeat(day % 4)}`)
    await alice.open(ROOM)
    await alice.sees('Day 130.')
  }, 60_000)

  test('a draft that grows, and shrinks, keeps the newest message on the screen and read', async () => {
    const field = alice.field(ROOM)
    await field.focus()
    let newestSeq = 0
    for (const line of ['Dear all,', 'the proofs', 'are here', 'at last']) {
      await field.pressSequentially(line)
      const { id, seq } = await stage.say('bob', roomId, `While Alice writes “${line}”`)
      newestSeq = seq
      await alice.page.locator(`[data-message="${id}"]`).waitFor()
      await expect.poll(() => isShown(`“${line}”`)).toBe(true)
      await field.press('Shift+Enter')
    }
    const { height } = await field.evaluate((element) => element.getBoundingClientRect())
    expect(height).toBeGreaterThan(100)
    expect(await field.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)).toBe(0)
    for (let line = 0; line < 40; line++) await field.press('Backspace')
    await field.pressSequentially('x')
    expect(await alice.page.getByRole('button', { name: /Latest messages|new message/ }).count()).toBe(0)
    await expect.poll(readSeq).toBe(newestSeq)
    await field.fill('')
  })

  test('scrolling up leaves the end, which new messages and a growing draft don’t change', async () => {
    await alice.message('“at last”').hover()
    await alice.page.mouse.wheel(0, -300)
    await alice.page.getByRole('button', { name: 'Latest messages' }).waitFor()
    await alice.field(ROOM).fill('One\nTwo\nThree')
    await stage.say('bob', roomId, 'Said to somebody who reads back')
    await alice.page.getByRole('button', { name: '1 new message' }).click()
    await expect.poll(() => isShown('somebody who reads back')).toBe(true)
    await alice.field(ROOM).fill('')
  })

  test('a scroll whose event is still to come is not taken back by what is drawn meanwhile', async () => {
    const scrolled = await alice.page.locator('.timeline-scroll').evaluate(async (box) => {
      const { scrollTop } = box
      box.scrollTop -= 300
      // The pointer draws the row that it is on with its buttons.
      box.querySelector('[data-row]')?.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))
      await Promise.resolve()
      return scrollTop - box.scrollTop
    })
    expect(scrolled).toBe(300)
    await alice.page.getByRole('button', { name: 'Latest messages' }).click()
  })

  test('a refused message shows why and what can be done, and goes back into the field to be edited', async () => {
    await stage.caller('alice').wordFilter.update({ roomId, words: [{ pattern: 'gold', action: 'refuse' }] })
    await alice.field(ROOM).fill('This is\nabout\ngold\nof all things')
    await alice.field(ROOM).press('Enter')
    const refused = alice.message('of all things')
    await refused.getByText('This message contains blocked words.').waitFor()
    await expect.poll(() => isShown('of all things')).toBe(true)
    const inReach = () =>
      refused.getByRole('button', { name: /^(Retry|Edit|Delete)$/ }).evaluateAll((buttons) =>
        buttons.map((button) => {
          const { left, top, width, height } = button.getBoundingClientRect()
          return document.elementFromPoint(left + width / 2, top + height / 2) === button && button.textContent
        }),
      )
    await expect.poll(inReach).toEqual(['Retry', 'Edit', 'Delete'])
    await alice.field(ROOM).fill('And one thing more')
    await refused.getByRole('button', { name: 'Edit', exact: true }).click()
    await refused.waitFor({ state: 'detached' })
    expect(await alice.field(ROOM).inputValue()).toBe('This is\nabout\ngold\nof all things\nAnd one thing more')
    await alice.page.locator('textarea:focus').waitFor()
    await alice.field(ROOM).press('Enter')
    await alice.message('And one thing more').getByRole('button', { name: 'Delete', exact: true }).click()
    await alice.message('And one thing more').waitFor({ state: 'detached' })
    await stage.caller('alice').wordFilter.update({ roomId, words: [] })
  })

  test('after a jump to an old message no row moves under the pointer', async () => {
    await alice.page.reload()
    await alice.sees('somebody who reads back')
    const found = await stage.caller('alice').message.list({ roomId, limit: 100 })
    const quoted = found.items.find(({ content }) => content.startsWith('Day 95.'))
    await stage.caller('bob').message.send({
      roomId,
      clientId: crypto.randomUUID(),
      content: 'As I wrote then',
      replyToId: quoted?.id ?? '',
    })
    await alice.sees('As I wrote then')
    // From the moment that the message is there, for some frames: where it and its neighbours are.
    const watched = alice.page.evaluate(
      () =>
        new Promise<number[]>((resolve) => {
          const tops = new Map<Element, number>()
          const moves: number[] = []
          let frames = 0
          const look = () => {
            const sought = document.querySelector('[data-sought]')
            const box = document.querySelector('.timeline-scroll')?.getBoundingClientRect()
            if (sought && box) {
              for (const row of document.querySelectorAll('.timeline [data-row]')) {
                const { top, bottom } = row.getBoundingClientRect()
                const before = tops.get(row)
                if (before !== undefined) moves.push(Math.abs(top - before))
                if (bottom > box.top && top < box.bottom) tops.set(row, before ?? top)
              }
              frames++
            }
            if (frames < 40) requestAnimationFrame(look)
            else resolve(moves)
          }
          requestAnimationFrame(look)
        }),
    )
    await alice
      .message('As I wrote then')
      .getByRole('button', { name: /Day 95/ })
      .click()
    expect(Math.max(...(await watched))).toBeLessThanOrEqual(1)
    const { top, bottom } = await alice
      .message('Day 95.')
      .first()
      .evaluate((row) => row.getBoundingClientRect())
    expect([top > 64, bottom < 600]).toEqual([true, true])
  })

  test('there only what comes after counts as new, however much is loaded below', async () => {
    const scroller = alice.page.locator('.timeline-scroll')
    const { items } = await stage.caller('alice').message.list({ roomId, limit: 100, direction: 'newer' })
    const sought = items.find(({ content }) => content.startsWith('Day 40.'))
    await alice.page.evaluate((hash) => {
      location.hash = hash
      location.reload()
    }, `#/rooms/${roomId}/messages/${sought?.id}`)
    await alice.page.locator(`[data-message="${sought?.id}"][data-sought]`).hover()
    await expect
      .poll(
        async () => {
          await alice.page.mouse.wheel(0, 600)
          return alice.page.getByText('Day 90.').count()
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0)
    await alice.page.getByRole('button', { name: 'Latest messages' }).waitFor()
    await stage.say('bob', roomId, 'Come after the jump')
    await alice.page.getByRole('button', { name: '1 new message' }).waitFor()

    const top = () => scroller.evaluate((element) => element.scrollTop)
    const stood = await top()
    await alice.page.getByRole('button', { name: '1 new message' }).hover()
    await alice.page.mouse.wheel(0, -200)
    await expect.poll(top).toBe(stood - 200)
    await alice.page.getByRole('button', { name: '1 new message' }).click()
    await expect.poll(() => isShown('Come after the jump')).toBe(true)
    expect(alice.faults).toEqual([])
  })
})
