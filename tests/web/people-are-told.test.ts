import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../support/test-app.ts'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const inMs = (ms: number) => new Date(Date.now() + ms)
const DAY = 86_400_000

/** One server, two windows, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('what the page tells people without being asked', () => {
  const stage = usePageStage()
  let alice: PagePerson
  let bob: PagePerson
  let roomId: string

  const service = () => stage.app.createCaller({ userId: 'host', role: 'service' })

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

  describe('mutes', () => {
    const mute = (ms: number) => stage.caller('alice').member.mute({ roomId, userId: 'bob', until: inMs(ms) })
    const closed = () => bob.page.locator('.composer-closed')

    test('the muted read until when: a time today, a day and a time later on, nothing where it has no end', async () => {
      await mute(3 * DAY)
      await closed().waitFor()
      expect(await closed().textContent()).toMatch(/^You’re muted until \w+ \w+ at \d{1,2}:\d{2}( [AP]M)?\.$/)
      await stage.caller('alice').member.mute({ roomId, userId: 'bob' })
      await expect.poll(() => closed().textContent()).toBe('You’re muted in this room.')
    })

    test('the composer is back by itself when the mute has passed', async () => {
      await mute(2_500)
      await expect.poll(() => closed().textContent()).toMatch(/^You’re muted until .*\d{1,2}:\d{2}( [AP]M)?\.$/)
      await bob.field(ROOM).waitFor()
      await bob.say(ROOM, 'Sorry for the noise')
      await alice.sees('Sorry for the noise')
    })
  })

  describe('slow mode', () => {
    beforeAll(async () => {
      if (!chromiumPath) return
      await stage.caller('alice').room.update({ roomId, slowModeSeconds: 5 })
    })

    test('after a message the composer counts down, keeps what is written meanwhile, and sends it after that', async () => {
      const wait = bob.page.getByRole('timer')
      await bob.say(ROOM, 'First')
      await wait.waitFor()
      expect(await wait.textContent()).toMatch(/^You can send again in [1-5] s$/)
      await bob.say(ROOM, 'Second')
      expect(await bob.field(ROOM).inputValue()).toBe('Second')
      expect(await bob.page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
      const first = await wait.textContent()
      await expect.poll(() => wait.textContent()).not.toBe(first)
      await wait.waitFor({ state: 'detached' })
      await bob.field(ROOM).press('Enter')
      await alice.sees('Second')
    })

    test('a message that comes too early all the same is held, and says when it leaves', async () => {
      const root = await stage.say('alice', roomId, 'Which paper?')
      const dora = await stage.enter('Dora')
      await stage.caller('dora').room.join({ roomId })
      // The room that Dora opens then does not hold this reply, which counts for slow mode as anything does.
      const reply = { roomId, threadId: root.id, clientId: newId(), content: 'The thick one' }
      await stage.caller('alice').room.update({ roomId, slowModeSeconds: 8 })
      await stage.caller('dora').message.send(reply)
      await dora.open(ROOM)
      await dora.say(ROOM, 'Just as I said')
      await dora
        .message('Just as I said')
        .getByText(/Sends in [1-8] s$/)
        .waitFor()
      await dora.page.getByRole('timer').waitFor()
      await alice.message('Just as I said').waitFor({ timeout: 20_000 })
      await dora.page.context().close()
    })

    test('moderators do not wait', async () => {
      await alice.say(ROOM, 'All is well')
      await alice.sees('All is well')
      expect(await alice.page.getByRole('timer').count()).toBe(0)
      await stage.caller('alice').room.update({ roomId, slowModeSeconds: 0 })
    })
  })

  describe('rooms and servers that are closed to somebody', () => {
    test('who is banned reads which room it was and, once they try to join again, until when', async () => {
      await stage.caller('alice').member.ban({ roomId, userId: 'bob', until: inMs(3 * DAY) })
      await bob.page.getByText(`You were removed from “${ROOM}”, or left it in another window.`).waitFor()
      await bob.page.getByRole('heading', { name: ROOM }).waitFor()
      await bob.page.getByRole('button', { name: 'Join room' }).click()
      await bob.page.getByText(/^You’re banned from this room until \w+ \w+ at \d{1,2}:\d{2}/).waitFor()
    })

    test('and can join again once the ban is lifted', async () => {
      await stage.caller('alice').member.unban({ roomId, userId: 'bob' })
      await bob.page.getByRole('button', { name: 'Join room' }).click()
      await bob.field(ROOM).waitFor()
    })

    test('who is banned from a private room reads until when, and comes back once the ban is lifted', async () => {
      const alices = stage.caller('alice')
      const { id } = await alices.room.create({ kind: 'group', name: 'Back office', memberIds: ['bob'] })
      await bob.open('Back office')
      await alices.member.ban({ roomId: id, userId: 'bob', until: inMs(3 * DAY) })
      await bob.page.getByText(/^You’re banned from this room until \w+ \w+ at \d{1,2}:\d{2}/).waitFor()
      await bob.page.getByRole('heading', { name: 'Back office' }).waitFor()
      await alices.member.unban({ roomId: id, userId: 'bob' })
      await alices.member.add({ roomId: id, userIds: ['bob'] })
      await bob.field('Back office').waitFor()
      await alices.member.remove({ roomId: id, userId: 'bob' })
      await bob.page.getByText('You were removed from “Back office”, or left it in another window.').waitFor()
      await bob.open(ROOM)
    })

    test('who is banned from the server reads until when, at once and at each sign-in', async () => {
      const carol = await stage.enter('Carol')
      await service().user.ban({ userId: 'carol', until: inMs(3 * DAY) })
      const banned = carol.page.getByText(/^Your account is banned from this server until \w+ \w+ at \d{1,2}:\d{2}/)
      await banned.waitFor()
      await carol.page.getByLabel('Your name').fill('Carol')
      await carol.page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await banned.waitFor({ state: 'detached' })
      await banned.waitFor()
      await carol.page.context().close()
    })
  })

  describe('who is there to talk to', () => {
    test('somebody who signs in while the list is shown is in it a moment later', async () => {
      const { page } = alice
      await page.getByRole('button', { name: 'New conversation' }).click()
      await page.getByRole('menuitem', { name: 'New message' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Bob' }).waitFor()
      await stage.caller('fritz').room.list({})
      await dialog.getByRole('button', { name: 'fritz' }).waitFor()
      await page.keyboard.press('Escape')
    })

    test('nobody is claimed to be missing from an earlier look', async () => {
      const { page } = alice
      await stage.caller('emil').room.list({})
      await page.getByRole('button', { name: 'New conversation' }).click()
      await page.getByRole('menuitem', { name: 'New message' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'emil' }).waitFor({ timeout: 3_000 })
      await page.keyboard.press('Escape')
    })
  })

  describe('who comes and goes', () => {
    const lines = ({ page }: PagePerson) => page.locator('.timeline .system-message').allTextContents()

    test('joining, a new role, leaving and a new name are lines between the messages, each where it happened', async () => {
      const { id } = await stage.caller('alice').room.create({ kind: 'channel', name: 'Garden', memberIds: ['bob'] })
      await stage.say('alice', id, 'Welcome, all')
      await alice.open('Garden')
      await alice.sees('Welcome, all')
      // Who is there from the beginning has not come.
      expect(await lines(alice)).toEqual([])
      await stage.caller('fritz').room.join({ roomId: id })
      await stage.caller('emil').room.join({ roomId: id })
      await expect.poll(() => lines(alice)).toEqual(['fritz and emil joined'])
      await stage.say('bob', id, 'Hello you two')
      await stage.caller('alice').member.setRole({ roomId: id, userId: 'bob', role: 'moderator' })
      await stage.caller('alice').room.update({ roomId: id, name: 'Kitchen garden' })
      await stage.caller('emil').room.leave({ roomId: id })
      const happened = [
        'fritz and emil joined',
        'Bob is now a moderator',
        'The room is now called “Kitchen garden”',
        'emil left',
      ]
      await expect.poll(() => lines(alice)).toEqual(happened)
      const order = await alice.page
        .locator('.timeline-content')
        .locator('.system-message, .message-text')
        .allTextContents()
      expect(order.slice(0, 3)).toEqual(['Welcome, all', 'fritz and emil joined', 'Hello you two'])
      // They are there still after a look into another room; who opens the room now sees who joined.
      await alice.open(ROOM)
      await alice.open('Kitchen garden')
      await expect.poll(() => lines(alice)).toEqual(happened)
      await bob.open('Kitchen garden')
      await expect.poll(() => lines(bob)).toEqual(['fritz joined'])
      expect(alice.faults).toEqual([])
    })
  })
})
