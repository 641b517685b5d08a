import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const OTHER = 'Garden'

/** One server that goes and comes back, two windows, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('the page while the server is away', () => {
  const stage = usePageStage()
  let alice: PagePerson
  let bob: PagePerson
  let rooms: { id: string }[]

  beforeAll(async () => {
    if (!chromiumPath) return
    ;[alice, bob] = [await stage.enter('Alice'), await stage.enter('Bob')]
    const make = (name: string) => stage.caller('alice').room.create({ kind: 'group', name, memberIds: ['bob'] })
    rooms = [await make(ROOM), await make(OTHER)]
    for (const { id } of rooms) for (const line of [1, 2, 3]) await stage.say('bob', id, `Line ${line}`)
    await bob.open(ROOM)
    await alice.open(OTHER)
    await alice.sees('Line 3')
    await alice.open(ROOM)
    await alice.sees('Line 3')
    await alice.page.getByText('2 members, 2 online').waitFor()
    await alice.page.getByRole('button', { name: 'Show members' }).click()
    await alice.page.getByRole('listitem').filter({ hasText: 'Bob' }).getByText('Online').waitFor()
  }, 60_000)

  test('rooms that were open can be opened, read and written in', async () => {
    await stage.stopServer()
    await alice.page.getByText('Reconnecting…').waitFor()
    await alice.say(ROOM, 'Written in the first room')
    await alice.message('Written in the first room').getByText('Sending…').waitFor()
    await alice.open(OTHER)
    await expect.poll(() => alice.texts(), { timeout: 8_000 }).toEqual(['Line 1', 'Line 2', 'Line 3'])
    await alice.say(OTHER, 'Written in the second room')
    // Stores go on for a second without anybody who looks: only what was let go by then shows that it was kept.
    const leftAt = performance.now()
    await expect.poll(() => performance.now() - leftAt, { timeout: 5_000 }).toBeGreaterThan(1_500)
    await alice.open(ROOM)
    await alice.message('Written in the first room').getByText('Sending…').waitFor()
    expect(await alice.texts()).toEqual(['Line 1', 'Line 2', 'Line 3', 'Written in the first room'])
    await alice.say(ROOM, 'And one thing more')
    await alice.message('And one thing more').getByText('Sending…').waitFor()
  })

  test('nobody is claimed to be there, or not to be', async () => {
    await alice.page.getByText('2 members', { exact: true }).waitFor()
    await alice.page.getByRole('button', { name: 'Show members' }).click()
    const members = alice.page.getByRole('complementary', { name: 'About this room' })
    await members.getByText('Bob').waitFor()
    expect(await members.getByText(/Online|Offline/).count()).toBe(0)
    expect(await alice.page.locator('.presence-dot:not([data-status="offline"])').count()).toBe(0)
  })

  test('once it is back everything is sent, once and in order, and who is there is known again', async () => {
    await stage.startServer()
    await bob.sees('And one thing more')
    await alice.page.getByText('Reconnecting…').waitFor({ state: 'detached' })
    await alice.page.getByText('2 members, 2 online').waitFor()
    const said = ['Line 1', 'Line 2', 'Line 3', 'Written in the first room', 'And one thing more']
    await expect.poll(() => alice.texts(), { timeout: 8_000 }).toEqual(said)
    expect(await bob.texts()).toEqual(said)
    const other = await stage.caller('bob').message.list({ roomId: rooms[1]?.id ?? '' })
    await expect.poll(() => other.items.map(({ content }) => content)).toContain('Written in the second room')
    await bob.say(ROOM, 'Welcome back')
    await alice.sees('Welcome back')
  })
})
