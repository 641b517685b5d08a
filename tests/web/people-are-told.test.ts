import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'

/** One server, two windows, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('what the page tells people without being asked', () => {
  const stage = usePageStage()
  let alice: PagePerson
  let bob: PagePerson
  let roomId: string

  beforeAll(async () => {
    if (!chromiumPath) return
    ;[alice, bob] = [await stage.enter('Alice'), await stage.enter('Bob')]
    ;({ id: roomId } = await stage.caller('alice').room.create({ kind: 'channel', name: ROOM, memberIds: ['bob'] }))
    await stage.say('alice', roomId, 'The proofs are here')
    await Promise.all([alice.open(ROOM), bob.open(ROOM)])
    await bob.sees('The proofs are here')
  }, 60_000)

  describe('reports', () => {
    const reports = ({ page }: PagePerson) => page.getByRole('button', { name: /^\d+ open reports?$/ })
    const report = async (content: string) => {
      const { id: messageId } = await stage.say('bob', roomId, content)
      return stage.caller('carol').report.create({ roomId, messageId, reason: 'spam' })
    }

    test('a moderator sees how many are open while the room is shown, and a member does not', async () => {
      await stage.caller('carol').room.join({ roomId })
      const { id: reportId } = await report('Buy gold now')
      await report('Buy silver now')
      // Nothing is clicked and nothing is focused: the page asks by itself.
      await reports(alice).waitFor({ timeout: 20_000 })
      expect(await reports(alice).getAttribute('aria-label')).toBe('2 open reports')
      expect(await reports(bob).count()).toBe(0)
      await alice.page.getByRole('button', { name: 'Show members' }).click()
      await alice.page.getByRole('button', { name: 'Moderation 2 open reports' }).waitFor()
      await alice.page.getByRole('button', { name: 'Hide members' }).click()
      await stage.caller('alice').report.resolve({ reportId, action: 'deleteMessage' })
      await alice.page.getByRole('button', { name: '1 open report', exact: true }).waitFor({ timeout: 5_000 })
    })

    test('the badge leads to the queue, and goes with the last open report', async () => {
      await reports(alice).click()
      const dialog = alice.page.getByRole('dialog', { name: 'Moderation' })
      await dialog.getByText('Buy silver now').waitFor()
      await dialog.getByRole('button', { name: 'Dismiss' }).click()
      await dialog.getByText('No open reports.').waitFor()
      await alice.page.keyboard.press('Escape')
      await expect.poll(() => reports(alice).count()).toBe(0)
    })

    test('who comes back to the window sees at once what was reported meanwhile', async () => {
      await report('Buy bronze now')
      await alice.page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
      await reports(alice).waitFor({ timeout: 5_000 })
    })
  })
})
