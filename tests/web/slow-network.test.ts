import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const OTHER = 'Garden'
const DELAY_MS = 3_000

/** One server at the end of a slow line, one window, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('over a slow network', () => {
  const stage = usePageStage()
  let line: TcpProxy
  let alice: PagePerson
  let roomId: string

  /** Stores go on for a second without anybody who looks: only what was let go by then shows that it was kept. */
  const leave = async () => {
    await alice.open(OTHER)
    const leftAt = performance.now()
    await expect.poll(() => performance.now() - leftAt, { timeout: 5_000 }).toBeGreaterThan(1_500)
  }
  const isConnected = async () => expect(await alice.page.getByText('Reconnecting…').count()).toBe(0)

  beforeAll(async () => {
    if (!chromiumPath) return
    line = await startTcpProxy({ port: Number(new URL(stage.url).port) })
    alice = await stage.enter('Alice', {}, `http://127.0.0.1:${line.port}`)
    await stage.caller('bob').room.list({})
    const make = (name: string) => stage.caller('alice').room.create({ kind: 'group', name, memberIds: ['bob'] })
    ;({ id: roomId } = await make(ROOM))
    await make(OTHER)
    for (let day = 1; day <= 80; day++) await stage.say('bob', roomId, `Day ${day}.`)
    await alice.open(ROOM)
    await alice.sees('Day 80.')
  }, 60_000)

  afterAll(() => line?.[Symbol.asyncDispose]())

  test('a room that was open before is shown at once, and what came since when the server has answered', async () => {
    await leave()
    for (let day = 81; day <= 120; day++) await stage.say('bob', roomId, `Day ${day}.`)
    line.delay(DELAY_MS)
    await alice.open(ROOM)
    await alice.sees('Day 80.')
    expect(await alice.message('Day 81.').count()).toBe(0)
    await isConnected()
    await alice.sees('Day 81.')
    await isConnected()
    line.delay(0)
  })

  test('it then begins where what is unread begins, and nothing below is read', async () => {
    await alice.page.locator('.new-line').waitFor()
    const isInView = () =>
      alice.page.locator('.new-line').evaluate((element) => {
        const box = element.closest('.timeline-scroll')?.getBoundingClientRect()
        const { top, bottom } = element.getBoundingClientRect()
        return box !== undefined && top >= box.top && bottom <= box.bottom
      })
    await expect.poll(isInView).toBe(true)
    await alice.page.getByRole('button', { name: 'Latest messages' }).waitFor()
    expect((await stage.caller('alice').room.get({ roomId })).viewer.unread).toBe(40)
    await alice.page.getByRole('button', { name: 'Latest messages' }).click()
    await alice.sees('Day 120.')
    await alice.line(ROOM).locator('.badge').waitFor({ state: 'detached' })
  })

  test('a link into it leads there, also while it is shown from memory', async () => {
    await leave()
    const { items } = await stage.caller('alice').message.list({ roomId, limit: 100 })
    const old = items.find(({ content }) => content === 'Day 30.')
    line.delay(DELAY_MS)
    await alice.page.evaluate((hash) => {
      location.hash = hash
    }, `#/rooms/${roomId}/messages/${old?.id}`)
    await alice.sees('Day 120.')
    await alice.page.locator(`[data-message="${old?.id}"][data-sought]`).waitFor()
    line.delay(0)
    await alice.page.getByRole('button', { name: 'Latest messages' }).waitFor()
    expect(await alice.message('Day 120.').count()).toBe(0)
    expect(alice.faults).toEqual([])
  })
})
