import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOMS = 1_000
/** Rooms that are made at a time. */
const AT_ONCE = 25
const MESSAGES = 60
/** Of the processor's time, which other work on the machine does not add to. Some 20 ms are needed. */
const LONGEST_TASK_MS = 100

/** A task in a trace: its thread, and its duration in microseconds. */
interface TraceEvent {
  name: string
  pid: number
  tid: number
  dur?: number
  tdur?: number
  args?: { name?: string }
}

/** How much of the processor's time the page's longest task took, in milliseconds. */
function longestTask(trace: string): number {
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace)
  const main = traceEvents.find(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
  const tasks = traceEvents.filter(({ name, pid, tid }) => name === 'RunTask' && pid === main?.pid && tid === main.tid)
  expect(tasks.length).toBeGreaterThan(MESSAGES)
  return Math.max(...tasks.map(({ dur = 0, tdur = dur }) => tdur)) / 1_000
}

const nameOf = (n: number) => `Room ${String(n).padStart(4, '0')}`

describe.skipIf(!chromiumPath)('a thousand conversations', () => {
  const stage = usePageStage()
  const roomIds: string[] = []
  let alice: PagePerson

  /** Where the rows stand in the list, from 1, as a screen reader has it. */
  const positions = () =>
    alice.conversations
      .getByRole('listitem')
      .evaluateAll((rows) => rows.map(({ ariaPosInSet }) => Number(ariaPosInSet)))
  const scrollTo = (share: number) =>
    alice.page.locator('.sidebar-rooms').evaluate((box, part) => {
      box.scrollTop = (box.scrollHeight - box.clientHeight) * part
    }, share)

  beforeAll(async () => {
    if (!chromiumPath) return
    await Promise.all(['alice', 'bob'].map((name) => stage.caller(name).room.list({})))
    const make = (n: number) =>
      stage.caller('bob').room.create({ kind: 'group', name: nameOf(n), memberIds: ['alice'] })
    for (let n = 1; n <= ROOMS; n += AT_ONCE) {
      const rooms = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => make(n + index)))
      roomIds.push(...rooms.map(({ id }) => id))
    }
    alice = await stage.enter('Alice')
    await alice.line('Room').first().waitFor()
  }, 180_000)

  test('all are found by name, and few are drawn', async () => {
    const filter = alice.page.getByRole('searchbox', { name: 'Filter conversations' })
    await filter.fill('0001')
    await alice.line(nameOf(1)).waitFor()
    await filter.press('Escape')
    await scrollTo(1)
    await expect.poll(async () => Math.max(...(await positions()))).toBe(ROOMS)
    expect((await positions()).length).toBeLessThan(60)
    await scrollTo(0)
    await expect.poll(async () => Math.min(...(await positions()))).toBe(1)
  })

  test('the keyboard goes from one end to the other, and the focus stays where the list scrolls away from it', async () => {
    const place = () => alice.page.evaluate(() => Number(document.activeElement?.closest('li')?.ariaPosInSet))
    await alice.line('Room').first().focus()
    await alice.page.keyboard.press('End')
    await expect.poll(place).toBe(ROOMS)
    await alice.page.keyboard.press('PageUp')
    await expect.poll(place).toBe(ROOMS - 10)
    await scrollTo(0)
    await expect.poll(async () => (await positions()).includes(1)).toBe(true)
    expect(await place()).toBe(ROOMS - 10)
    await alice.page.keyboard.press('Home')
    await expect.poll(place).toBe(1)
  })

  test('what one looks at stays where it is as rooms further down come to the top', async () => {
    await scrollTo(0.5)
    const box = await alice.page.locator('.sidebar-rooms').boundingBox()
    const shown = alice.conversations.getByRole('link').filter({ visible: true })
    const middle = await shown.evaluateAll(
      (links, edge) => links.find((link) => link.getBoundingClientRect().top > edge)?.getAttribute('data-room') ?? '',
      (box?.y ?? 0) + 200,
    )
    const row = alice.conversations.locator(`[data-room="${middle}"]`)
    const before = await row.boundingBox()
    const order = (await stage.caller('alice').room.list({ limit: 1 })).items[0]?.id
    await stage.say('bob', roomIds[0] ?? '', 'From far below')
    await expect.poll(async () => (await stage.caller('alice').room.list({ limit: 1 })).items[0]?.id).not.toBe(order)
    await expect.poll(async () => alice.page.title()).toMatch(/^\(1\)/)
    expect(Math.abs(((await row.boundingBox())?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2)
    await scrollTo(0)
    await alice.line(nameOf(1)).waitFor()
  })

  test('coming back from a room far down the list puts the focus on its line', async () => {
    await alice.page.setViewportSize({ width: 390, height: 760 })
    await alice.page.getByRole('button', { name: 'Jump to a conversation' }).click()
    await alice.page.getByRole('combobox', { name: 'Room or person' }).fill('0500')
    await alice.page.getByRole('option', { name: nameOf(500) }).click()
    await alice.field(nameOf(500)).waitFor()
    await alice.page.getByRole('button', { name: 'Back to conversations' }).click()
    const line = alice.line(nameOf(500)).and(alice.page.locator(':focus'))
    await line.waitFor()
    await expect.poll(() => line.evaluate((item) => item.getBoundingClientRect().top < innerHeight - 100)).toBe(true)
    await alice.page.setViewportSize({ width: 1_100, height: 760 })
  })

  test('messages that come into them all leave no long tasks', async () => {
    const browser = alice.page.context().browser()
    await browser?.startTracing(alice.page, { categories: ['disabled-by-default-devtools.timeline'] })
    for (let n = 0; n < MESSAGES; n++) {
      await stage.say('bob', roomIds[(n * 37) % ROOMS] ?? '', `Message ${n}`)
      if (n % 5 === 0) await scrollTo((n % 20) / 20)
    }
    await scrollTo(0)
    const last = ((MESSAGES - 1) * 37) % ROOMS
    await alice
      .line(nameOf(last + 1))
      .getByText(`Message ${MESSAGES - 1}`)
      .waitFor()
    const longest = longestTask(String(await browser?.stopTracing()))
    process.stderr.write(`The longest task with ${ROOMS} rooms: ${longest} ms\n`)
    expect(longest).toBeLessThan(LONGEST_TASK_MS)
    expect(alice.faults).toEqual([])
  }, 120_000)
})
