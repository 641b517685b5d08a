import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { nextSpan, type Piece, piecesOf } from '../../web/src/timeline/row-window.ts'
import { newId } from '../support/test-app.ts'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const OTHER = 'Harbour news'
/** As many as a room keeps loaded. */
const LOADED = 600
const STEP_PX = 300
/** Rows that reach this far beyond the screen, of 25 px at least, and some to spare. */
const MOST_ROWS = 180
/**
 * The longest task of the page may take this. A quiet machine takes a tenth of it; one on which other tests run stops the page for
 * hundreds of milliseconds whatever it does.
 */
const LONG_TASK_MS = 1_000
const LONG = 'The proofs, the plates, the paper, the ink, the binding and the boxes are on their way to the printers. '
const TEXTS = [
  'One line.',
  LONG,
  'Some *emphasis* and a [link](https://example.com):\n\n```\nconst day = 1\nconst next = day + 1\n```',
  `> a quote\n> of two lines\n\n${LONG}${LONG}`,
  '- first\n- second\n- third **bold**',
]

/** `TIMELINE_FIGURES=1` prints what was measured. */
const figures: Record<string, unknown> = {}

interface Watch {
  tasks: number[]
}

describe('the window of rows', () => {
  const heights = [20, 30, undefined, 40, 50, 60]
  const heightOf = (index: number) => heights[index]
  const outline = (pieces: readonly Piece[]) =>
    pieces.map((piece) => (piece.type === 'row' ? piece.index : `${piece.first}-${piece.last}: ${piece.height}`))

  test('left-out rows take the room that was measured, and none before that', () => {
    expect(outline(piecesOf(6, { first: 3, last: 4 }, [], heightOf))).toEqual(['0-2: 50', 3, 4, '5-5: 60'])
    expect(outline(piecesOf(6, { first: 3, last: 4 }, [1, 3, 5], heightOf))).toEqual(['0-0: 20', 1, '2-2: 0', 3, 4, 5])
    expect(outline(piecesOf(0, { first: 0, last: -1 }, [], heightOf))).toEqual([])
  })

  test('rows stay while they reach far enough beyond what is visible, and go when there are too many', () => {
    const even = () => 100
    const sight = { index: 500, top: 0, bottom: 100, height: 700 }
    expect(nextSpan(sight, { first: 490, last: 516 }, 1_000, even)).toBeUndefined()
    expect(nextSpan(sight, { first: 497, last: 516 }, 1_000, even)).toEqual({ first: 490, last: 516 })
    expect(nextSpan(sight, { first: 400, last: 516 }, 1_000, even)).toEqual({ first: 490, last: 516 })
    expect(nextSpan({ ...sight, index: 2 }, { first: 1, last: 30 }, 1_000, even)).toEqual({ first: 0, last: 18 })
  })
})

/** What comes with a room after its messages, a receipt for one, has come: nothing has moved for half a second of frames. */
const atRest = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const scroller = document.querySelector('.timeline-scroll')
        const place = () => `${scroller?.scrollTop} ${scroller?.scrollHeight}`
        let [last, stillSince] = [place(), performance.now()]
        const look = () => {
          if (place() !== last) [last, stillSince] = [place(), performance.now()]
          if (performance.now() - stillSince > 500) resolve()
          else requestAnimationFrame(look)
        }
        look()
      }),
  )

/** One server, one window, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('a long timeline', () => {
  const stage = usePageStage()
  let alice: PagePerson
  let roomId: string

  const rows = () => alice.page.locator('.timeline [data-row]')
  const newest = () => alice.message(`Day ${LOADED + 39}.`)
  const isAtEnd = () =>
    alice.page
      .locator('.timeline-scroll')
      .evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 1)

  /** One turn of the wheel; how far each row that was on the screen went, and how many are in the page. */
  async function turn(px: number) {
    // What is on its way comes before the edge is reached, unless one is faster than it.
    await alice.page.waitForFunction((px) => {
      const top = document.querySelector('.timeline-scroll')?.scrollTop ?? 0
      return top + px >= 0 || document.querySelector('.older-notice')?.textContent?.includes('beginning')
    }, px)
    const before = await placesOf(alice.page)
    await alice.page.mouse.wheel(0, px)
    // A page of older messages changes the position and moves no row, so the rows say when the wheel has turned.
    await alice.page.waitForFunction(
      (rows) =>
        Object.entries(rows).some(([key, top]) => {
          const row = document.querySelector(`[data-row="${CSS.escape(key)}"]`)
          return row !== null && Math.abs(row.getBoundingClientRect().top - top) > 1
        }),
      before.rows,
      { polling: 'raf' },
    )
    const after = await placesOf(alice.page)
    const moved = Object.keys(before.rows).flatMap((key) => {
      const [from, to] = [before.rows[key], after.rows[key]]
      return from === undefined || to === undefined ? [] : [to - from]
    })
    return { moved, count: after.count, firstText: after.firstText, isAtTop: after.top === 0 }
  }

  async function takeTasks(what: string) {
    // The browser reports tasks when it is idle.
    await alice.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
    const tasks = await alice.page.evaluate(() => (window as Window & Partial<Watch>).tasks?.splice(0) ?? [])
    figures[what] = `${tasks.length} long tasks, the longest ${Math.round(Math.max(0, ...tasks))} ms`
    return tasks
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    alice = await stage.enter('Alice')
    await stage.caller('bob').room.list({})
    const make = async (name: string) =>
      (await stage.caller('alice').room.create({ kind: 'group', name, memberIds: ['bob'] })).id
    const otherId = await make(OTHER)
    roomId = await make(ROOM)
    let replyToId: string | undefined
    for (let day = 0; day < LOADED + 40; day += 40) {
      const sent = await Promise.all(
        Array.from({ length: 40 }, (_, at) =>
          stage.caller(at % 5 === 0 ? 'alice' : 'bob').message.send({
            roomId,
            clientId: newId(),
            content: `Day ${day + at}. ${TEXTS[(day + at) % TEXTS.length]}`,
            ...(at === 7 && replyToId ? { replyToId } : {}),
          }),
        ),
      )
      replyToId = sent[3]?.id ?? ''
      await stage.caller('bob').reaction.add({ roomId, messageId: replyToId, emoji: '👍' })
    }
    for (let day = 0; day < 60; day++) await stage.say('bob', otherId, `Ship ${day}. ${TEXTS[day % TEXTS.length]}`)
    await alice.page.evaluate(() => {
      const watch = Object.assign(window, { tasks: [] as number[] })
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) watch.tasks.push(duration)
      }).observe({ type: 'longtask' })
    })
    await alice.open(ROOM)
    await newest().waitFor()
    await atRest(alice.page)
  }, 120_000)

  test('scrolling back to the first of 600 moves each row by what the wheel says, and few are in the page', async () => {
    await alice.page.mouse.move(500, 300)
    await takeTasks('opening')
    let most = 0
    let firstText = ''
    while (!/Day [1-9]\./.test(firstText)) {
      const turned = await turn(-STEP_PX)
      firstText = turned.firstText
      most = Math.max(most, turned.count)
      // At the very top there is less to scroll.
      if (turned.isAtTop) break
      for (const moved of turned.moved) expect(Math.abs(moved - STEP_PX)).toBeLessThanOrEqual(1)
    }
    figures['rows in the page'] = most
    expect(most).toBeLessThan(MOST_ROWS)
    expect(Math.max(0, ...(await takeTasks('loading and scrolling back')))).toBeLessThan(LONG_TASK_MS)
  }, 120_000)

  test('back to the end every row has the height that it had, and what lies beyond the screen is not in the page', async () => {
    const { page } = alice
    for (let turns = 0; turns < 40; turns++) {
      const { moved, count } = await turn(STEP_PX)
      expect(count).toBeLessThan(MOST_ROWS)
      for (const px of moved) expect(Math.abs(px + STEP_PX)).toBeLessThanOrEqual(1)
    }
    await takeTasks('scrolling forward')
    for (let message = 0; message < 10; message++)
      await stage.say('bob', roomId, `Said while Alice reads back ${message}`)
    await page.getByRole('button', { name: '10 new messages' }).waitFor()
    expect(Math.max(0, ...(await takeTasks('receiving while reading back')))).toBeLessThan(LONG_TASK_MS)
    await page.getByRole('button', { name: '10 new messages' }).click()
    await alice.sees('Said while Alice reads back 9')
    await expect.poll(isAtEnd).toBe(true)
    await takeTasks('to the end')
  }, 60_000)

  test('messages that come at the end stay in sight, and the page does not grow with them', async () => {
    const { page } = alice
    for (let message = 1; message <= 60; message++)
      await stage.say('bob', roomId, `Said at the end ${message}. ${LONG}`)
    await alice.sees('Said at the end 60.')
    await expect.poll(isAtEnd).toBe(true)
    expect(await rows().count()).toBeLessThan(MOST_ROWS)
    expect(Math.max(0, ...(await takeTasks('receiving at the end')))).toBeLessThan(LONG_TASK_MS)
    expect(await page.getByRole('log').first().getAttribute('aria-live')).toBe('polite')
  }, 60_000)

  test('the keyboard moves from row to row and to both ends, also to rows that are not in the page', async () => {
    const { page } = alice
    const focused = () => page.locator('[data-row]:focus')
    await alice.message('Said at the end 60.').focus()
    await page.keyboard.press('Home')
    await expect.poll(() => focused().textContent()).not.toContain('Said at the end 60.')
    await expect.poll(() => hiddenPx(focused())).toBeLessThanOrEqual(1)
    const keyOf = () => focused().getAttribute('data-row')
    const first = await keyOf()
    // Somebody scrolls away from it: it keeps the focus, and the next key goes on from there.
    await page.mouse.move(500, 300)
    for (let turns = 0; turns < 12; turns++) await turn(STEP_PX)
    expect(await keyOf()).toBe(first)
    expect(await hiddenPx(focused())).toBeGreaterThan(100)
    await page.keyboard.press('ArrowDown')
    await expect.poll(keyOf).not.toBe(first)
    await expect.poll(() => hiddenPx(focused())).toBeLessThanOrEqual(1)
    // Newer messages come in pages, too: going back has cost the newest their place among the 600.
    await expect
      .poll(
        async () => {
          await page.keyboard.press('End')
          return focused().textContent()
        },
        { timeout: 10_000 },
      )
      .toContain('Said at the end 60.')
    await expect.poll(() => hiddenPx(focused())).toBeLessThanOrEqual(1)
    expect(await rows().count()).toBeLessThan(MOST_ROWS)
  }, 60_000)

  test('a selection reaches over rows as far as one scrolls', async () => {
    const { page } = alice
    await alice.message('Said at the end 60.').evaluate((row) => getSelection()?.selectAllChildren(row))
    await page.mouse.move(500, 300)
    for (let turns = 0; turns < 12; turns++) await turn(-STEP_PX)
    const { firstText } = await placesOf(page)
    expect(firstText).not.toContain('Said at the end 60.')
    await page.evaluate((text) => {
      const row = [...document.querySelectorAll('.timeline [data-row]')].find((each) => each.textContent === text)
      if (row) getSelection()?.extend(row, 0)
    }, firstText)
    const selected = await page.evaluate(() => String(getSelection()))
    // It began at the start of the last one.
    expect(selected).toContain('Said at the end 59.')
    expect(selected).toContain('Said at the end 55.')
    await page.evaluate(() => getSelection()?.removeAllRanges())
    await alice.page.getByRole('button', { name: 'Latest messages' }).click()
    await expect.poll(isAtEnd).toBe(true)
  }, 60_000)

  test('a room that was visited is there at once', async () => {
    const { page } = alice
    await alice.open(OTHER)
    await alice.sees('Ship 59.')
    const times: number[] = []
    for (const [room, text] of [
      [ROOM, 'Said at the end 60.'],
      [OTHER, 'Ship 59.'],
      [ROOM, 'Said at the end 60.'],
    ] as const) {
      times.push(await change(page, room, text))
      expect(await rows().count()).toBeLessThan(MOST_ROWS)
      await expect.poll(isAtEnd).toBe(true)
    }
    figures['room change'] = times.map((ms) => `${Math.round(ms)} ms`).join(', ')
    expect(Math.min(...times)).toBeLessThan(3 * LONG_TASK_MS)
    expect(alice.faults).toEqual([])
    if (process.env['TIMELINE_FIGURES']) process.stderr.write(`${JSON.stringify(figures, null, 2)}\n`)
  })
})

/** From the click to the painted row, in milliseconds. */
const change = (page: Page, room: string, text: string) =>
  page.evaluate(
    async ([room, text]) => {
      const link = [...document.querySelectorAll<HTMLElement>('.room-item')].find((each) =>
        each.textContent?.includes(room),
      )
      const start = performance.now()
      link?.click()
      const isThere = () =>
        [...document.querySelectorAll('.timeline [data-row]')].some((row) => row.textContent?.includes(text))
      while (!isThere()) await new Promise(requestAnimationFrame)
      // What is asked for in a frame comes after the paint of that frame.
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      return performance.now() - start
    },
    [room, text] as const,
  )

/** How far it reaches beyond the timeline's visible part; 1 px and less is rounding. */
const hiddenPx = (row: Locator) =>
  row.evaluate((element) => {
    const box = element.closest('.timeline-scroll')?.getBoundingClientRect()
    const { top, bottom } = element.getBoundingClientRect()
    return box ? Math.max(box.top - top, bottom - box.bottom) : Number.NaN
  })

async function placesOf(page: Page) {
  return page.evaluate(() => {
    const box = document.querySelector('.timeline-scroll')
    const edges = box?.getBoundingClientRect()
    const rows: Record<string, number> = {}
    const all = document.querySelectorAll<HTMLElement>('.timeline [data-row]')
    let firstText = ''
    for (const row of all) {
      const { top, bottom } = row.getBoundingClientRect()
      if (!edges || bottom <= edges.top || top >= edges.bottom) continue
      rows[row.dataset['row'] ?? ''] = top
      firstText ||= row.textContent ?? ''
    }
    return { top: box?.scrollTop, rows, count: all.length, firstText }
  })
}
