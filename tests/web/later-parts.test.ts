import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Harbour news'
const LATER = /\/assets\/later-parts-/

describe.skipIf(!chromiumPath)('parts of the page that are loaded later', () => {
  const stage = usePageStage()

  beforeAll(async () => {
    if (!chromiumPath) return
    for (const name of ['alice', 'bob']) await stage.caller(name).room.list({})
    await stage.caller('bob').room.create({ kind: 'group', name: ROOM, memberIds: ['alice'] })
  })

  const showMembers = (person: PagePerson) => person.page.getByRole('button', { name: 'Show members' })
  const members = (person: PagePerson) => person.page.locator('#member-panel')

  test('a part that can’t be fetched says so in words and offers a reload, after which it is there', {
    timeout: 60_000,
  }, async () => {
    const alice = await stage.arrive()
    let isAway = true
    await alice.page.route(LATER, (route) => (isAway ? route.abort() : route.continue()))
    await alice.signIn('Alice')
    await alice.open(ROOM)
    await showMembers(alice).click()
    await alice.page.getByText('Couldn’t load this part of the page.').waitFor()
    // It is not open, and the room is read and written as before.
    await showMembers(alice).waitFor()
    await alice.say(ROOM, 'Still here')
    await alice.sees('Still here')
    isAway = false
    const reload = alice.page.getByRole('button', { name: 'Reload' })
    if (!(await reload.isVisible())) await showMembers(alice).click()
    await reload.click()
    await alice.sees('Still here')
    await showMembers(alice).click()
    await members(alice).waitFor()
  })

  test('they are fetched ahead, and open while the server is away', { timeout: 60_000 }, async () => {
    const alice = await stage.arrive()
    const ahead = alice.page.waitForResponse(LATER)
    await alice.signIn('Alice')
    await alice.open(ROOM)
    await (await ahead).finished()
    await stage.stopServer()
    await showMembers(alice).click()
    await members(alice).waitFor()
    await alice.page.keyboard.press('Escape')
    await alice.page.keyboard.press('Control+/')
    await alice.page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await stage.startServer()
    expect(await alice.page.locator('.later-waiting').count()).toBe(0)
  })
})
