import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import { newId } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { chromiumPath, launchBrowser } from './page-browser.ts'
import { PagePerson } from './page-person.ts'

if (!chromiumPath) {
  process.stderr.write('room-desk.test.ts is skipped: no Chromium here (CHROMIUM_PATH names another place)\n')
}

const ROOM = 'Autumn launch'

/** One server, two windows, one story: each test goes on where the last one ended. */
describe.skipIf(!chromiumPath)('a room is run from the page', () => {
  let database: TestDatabase
  let dataDir: string
  let app: App
  let url: string
  let browser: Browser
  let alice: PagePerson
  let bob: PagePerson
  let roomId: string

  const callerOf = (userId: string) => app.createCaller({ userId })
  const openPanel = ({ page }: PagePerson) => page.getByRole('button', { name: 'Show members' }).click()
  const act = async ({ page }: PagePerson, whom: string, what: string) => {
    await page.getByRole('button', { name: `Actions for ${whom}` }).click()
    await page.getByRole('menuitem', { name: what, exact: true }).click()
  }
  const dialogOf = ({ page }: PagePerson) => page.getByRole('dialog')
  const closeDialog = (person: PagePerson) =>
    dialogOf(person).getByRole('button', { name: 'Close', exact: true }).click()

  beforeAll(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'confab-desk-'))
    app = createApp({ databaseUrl: database.url, dataDir, port: 0, logLevel: 'silent' })
    ;({ url } = await app.start())
    browser = await launchBrowser()
    ;[alice, bob] = await Promise.all([PagePerson.arrive(browser, url), PagePerson.arrive(browser, url)])
    await alice.signIn('Alice')
    const room = await callerOf('alice').room.create({ kind: 'group', name: ROOM })
    roomId = room.id
    await alice.open(ROOM)
  })

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    await database?.drop()
    if (dataDir) await rm(dataDir, { recursive: true, force: true })
  })

  test('Alice makes a link, and Bob, who follows it, signs in, sees where it leads and joins', async () => {
    await openPanel(alice)
    await alice.page.getByRole('button', { name: 'Invite by link' }).click()
    await dialogOf(alice).getByLabel('Max uses').selectOption('1 use')
    await dialogOf(alice).getByRole('button', { name: 'Create link' }).click()
    const link = await dialogOf(alice).getByRole('textbox', { name: 'Link' }).inputValue()
    expect(link).toMatch(/#\/invite\/[\w-]{22}$/)
    await dialogOf(alice).getByText('used 0 of 1 times').waitFor()

    await bob.page.goto(link)
    await bob.page.getByLabel('Your name').fill('Bob')
    await bob.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await bob.page.getByRole('heading', { name: `Join “${ROOM}”` }).waitFor()
    await bob.page.getByText('Alice invited you to a room with one member.').waitFor()
    await bob.page.getByRole('button', { name: 'Join room' }).click()
    await bob.field(ROOM).waitFor()
    await bob.say(ROOM, 'Here I am')
    await alice.sees('Here I am')
  })

  test('the link is used up, another one is taken back, and both say so to whoever follows them', async () => {
    await closeDialog(alice)
    await alice.page.getByRole('button', { name: 'Invite by link' }).click()
    await dialogOf(alice).getByText('No active links').waitFor()
    await dialogOf(alice).getByLabel('Max uses').selectOption('1 use')
    await dialogOf(alice).getByRole('button', { name: 'Create link' }).click()
    const field = dialogOf(alice).getByRole('textbox', { name: 'Link' })
    await dialogOf(alice).getByText('used 0 of 1 times').waitFor()
    const revoked = await field.inputValue()
    await dialogOf(alice).getByRole('button', { name: 'Revoke' }).click()
    await dialogOf(alice).getByText('No active links').waitFor()
    await closeDialog(alice)

    const used = (await callerOf('alice').invite.list({ roomId })).items.find(({ uses }) => uses === 1)
    const carol = await PagePerson.arrive(browser, `${url}/#/invite/${used?.code}`)
    await carol.page.getByLabel('Your name').fill('Carol')
    await carol.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await carol.page.getByText('This invite has reached its maximum uses.').waitFor()
    await carol.page.goto(revoked)
    await carol.page.getByText('This no longer exists').waitFor()
    await carol.page.getByRole('button', { name: 'Back to conversations' }).click()
    await carol.page.getByText('No conversations yet.').waitFor()
    expect(carol.faults).toEqual([])
    await carol.page.context().close()
  })

  test('Alice mutes Bob for an hour, who sees it and whom the server refuses; then she lets him speak again', async () => {
    await act(alice, 'Bob', 'Mute…')
    const ask = alice.page.getByRole('alertdialog', { name: 'Mute Bob?' })
    await ask.getByLabel('Reason').fill('Too loud')
    await ask.getByRole('button', { name: 'Mute', exact: true }).click()
    await bob.page.getByText('You’re muted until').waitFor()
    const refused = callerOf('bob').message.send({ roomId, clientId: newId(), content: 'Still me' })
    await expect(refused).rejects.toMatchObject({ reason: 'MUTED' })
    await alice.page.getByRole('listitem').filter({ hasText: 'Bob' }).getByText('muted').waitFor()
    await act(alice, 'Bob', 'Unmute')
    await bob.say(ROOM, 'Sorry for the noise')
    await alice.sees('Sorry for the noise')
  })

  test('a member is offered neither mutes nor bans, and a moderator, as Alice makes Bob, is', async () => {
    await openPanel(bob)
    await bob.page.getByRole('button', { name: 'Actions for Alice' }).click()
    expect(await bob.page.getByRole('menuitem').allInnerTexts()).toEqual(['Block'])
    await bob.page.keyboard.press('Escape')
    expect(await bob.page.getByRole('button', { name: 'Moderation' }).count()).toBe(0)
    await act(alice, 'Bob', 'Make moderator')
    await bob.page.getByRole('button', { name: 'Moderation' }).click()
    expect(await dialogOf(bob).getByRole('tab').allInnerTexts()).toEqual(['Reports', 'Banned'])
    await closeDialog(bob)
    await act(alice, 'Bob', 'Make member')
  })

  test('a report comes into the queue as it was reported, and resolving it deletes the message', async () => {
    const bad = await callerOf('bob').message.send({ roomId, clientId: newId(), content: 'Buy gold now' })
    await callerOf('carol').room.join({ inviteCode: (await callerOf('alice').invite.create({ roomId })).code })
    await callerOf('carol').report.create({ roomId, messageId: bad.id, reason: 'spam', text: 'Not again' })
    await callerOf('bob').message.edit({ roomId, messageId: bad.id, content: 'Nothing to see' })
    await alice.sees('Nothing to see')
    await alice.page.getByRole('button', { name: 'Moderation' }).click()
    const report = dialogOf(alice).getByRole('list', { name: 'Reports' }).getByRole('listitem')
    await report.getByText('Buy gold now').waitFor()
    await report.getByText('Spam, reported by Carol').waitFor()
    await report.getByText('Not again').waitFor()
    await report.getByRole('textbox', { name: 'Note' }).fill('Told before')
    await report.getByRole('button', { name: 'Delete message' }).click()
    await dialogOf(alice).getByText('No open reports.').waitFor()
    await bob.page.getByText('This message was deleted').waitFor()
    await dialogOf(alice).getByLabel('Show').selectOption('Resolved')
    await report.getByText('Message deleted by Alice').waitFor()
  })

  test('a filtered word is refused from then on, and the audit log tells what was done', async () => {
    await dialogOf(alice).getByRole('tab', { name: 'Word filter' }).click()
    await dialogOf(alice).getByLabel('Word or phrase').fill('gold*')
    await dialogOf(alice).getByRole('button', { name: 'Add', exact: true }).click()
    await dialogOf(alice).getByRole('button', { name: 'Remove gold*' }).waitFor()
    await bob.say(ROOM, 'Golden autumn')
    await bob.message('Golden autumn').getByText('This message contains blocked words.').waitFor()
    await bob.message('Golden autumn').getByRole('button', { name: 'Delete', exact: true }).click()

    await dialogOf(alice).getByRole('tab', { name: 'Audit log' }).click()
    const log = dialogOf(alice).getByRole('list', { name: 'Audit log' })
    await log.getByText('Alice muted Bob').waitFor()
    await log.getByText('reason: Too loud').waitFor()
    await log.getByText('Alice changed the word filter').waitFor()
    await closeDialog(alice)
  })

  test('whoever is banned is out, can’t follow a link, and comes back once the ban is lifted', async () => {
    await act(alice, 'Bob', 'Ban from room…')
    await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Ban', exact: true }).click()
    await bob.page.getByText(`You were removed from “${ROOM}”`).waitFor()
    const { code } = await callerOf('alice').invite.create({ roomId })
    await bob.page.goto(`${url}/#/invite/${code}`)
    await bob.page.getByText('You’re banned from this room.').waitFor()
    await alice.page.getByRole('button', { name: 'Moderation' }).click()
    await dialogOf(alice).getByRole('tab', { name: 'Banned' }).click()
    await dialogOf(alice).getByRole('button', { name: 'Unban Bob' }).click()
    await dialogOf(alice).getByText('Nobody is banned from this room.').waitFor()
    await closeDialog(alice)
    await bob.page.reload()
    await bob.page.getByRole('button', { name: 'Join room' }).click()
    await bob.field(ROOM).waitFor()
  })

  test('Alice changes the room for everybody, and pins it for herself', async () => {
    await alice.page.getByRole('button', { name: 'Room settings' }).click()
    await dialogOf(alice).getByLabel('Name', { exact: true }).fill('Winter launch')
    await dialogOf(alice).getByLabel('Slow mode').selectOption('One hour')
    await dialogOf(alice).getByRole('button', { name: 'Save' }).click()
    await bob.line('Winter launch').waitFor()
    expect(await callerOf('bob').room.get({ roomId })).toMatchObject({ slowModeSeconds: 3_600 })
    await dialogOf(alice).getByRole('tab', { name: 'For me' }).click()
    await dialogOf(alice).getByRole('switch', { name: 'Pinned' }).click()
    await dialogOf(alice).getByRole('switch', { name: 'Pinned', checked: true }).waitFor()
    await dialogOf(alice).getByLabel('Your name in this room').fill('Captain')
    await dialogOf(alice).getByRole('button', { name: 'Save name' }).click()
    await expect
      .poll(async () => (await callerOf('alice').room.get({ roomId })).viewer.settings)
      .toMatchObject({ isPinned: true, nickname: 'Captain' })
    await dialogOf(alice).getByRole('tab', { name: 'State' }).click()
    await dialogOf(alice).getByRole('button', { name: 'Make read-only' }).click()
    await bob.page.getByText('This room is read-only.').waitFor()
    await dialogOf(alice).getByRole('button', { name: 'Turn off read-only' }).click()
    await bob.field('Winter launch').waitFor()
  })

  test('an archived room goes out of the list, is found again, and comes back', async () => {
    await dialogOf(alice).getByRole('button', { name: 'Archive' }).click()
    await bob.page.getByText('This room is archived.').waitFor()
    await closeDialog(alice)
    await alice.line('Winter launch').waitFor({ state: 'detached' })
    await alice.page.goto(`${url}/#/`)
    await alice.page.getByRole('button', { name: 'New conversation' }).click()
    await alice.page.getByRole('menuitem', { name: 'Archived and hidden rooms' }).click()
    await dialogOf(alice).getByRole('button', { name: 'Winter launch' }).click()
    await openPanel(alice)
    await alice.page.getByRole('button', { name: 'Room settings' }).click()
    await dialogOf(alice).getByRole('tab', { name: 'State' }).click()
    await dialogOf(alice).getByRole('button', { name: 'Unarchive' }).click()
    await alice.line('Winter launch').waitFor()
    await bob.field('Winter launch').waitFor()
    await closeDialog(alice)
  })

  test('preferences are kept, a status shows to others, and whom one blocks is listed until one unblocks them', async () => {
    await openPanel(bob)
    await act(bob, 'Captain', 'Block')
    await bob.page.getByText('blocked by you').waitFor()
    await bob.page.getByRole('button', { name: 'Your preferences' }).click()
    const dialog = dialogOf(bob)
    await dialog.getByRole('switch', { name: 'Send read receipts' }).click()
    await dialog.getByLabel('Who can see when I’m online').selectOption('People I share a room with')
    await expect
      .poll(() => callerOf('bob').preferences.get())
      .toEqual({ notifications: 'all', hidesReceipts: true, presenceVisibility: 'rooms', locale: null })
    await dialog.getByRole('tab', { name: 'Status' }).click()
    await dialog.getByRole('combobox', { name: 'Status' }).selectOption('Away')
    await dialog.getByLabel('Status message').fill('At the printer’s')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await alice.page.getByText('Away · At the printer’s').waitFor()
    await dialog.getByRole('tab', { name: 'Blocked' }).click()
    await dialog.getByRole('button', { name: 'Unblock Alice' }).click()
    await dialog.getByText('You haven’t blocked anyone.').waitFor()
    await closeDialog(bob)
  })

  test('what is begun on one device goes on at the next, and is gone from both once it is sent', async () => {
    await callerOf('alice').room.update({ roomId, slowModeSeconds: 0 })
    await bob.field('Winter launch').fill('Dear all,')
    const kept = async () => (await callerOf('bob').draft.get({ roomId }))?.content
    // A moment after the last keystroke.
    await expect.poll(kept, { timeout: 5_000 }).toBe('Dear all,')
    const phone = await PagePerson.arrive(browser, url, { viewport: { width: 390, height: 740 } })
    await phone.signIn('Bob')
    await phone.open('Winter launch')
    await expect.poll(() => phone.field('Winter launch').inputValue()).toBe('Dear all,')
    await phone.say('Winter launch', 'Dear all, the proofs are here')
    await alice.sees('Dear all, the proofs are here')
    await expect.poll(kept).toBeUndefined()
    await bob.page.evaluate(() => dispatchEvent(new Event('focus')))
    await expect.poll(() => bob.field('Winter launch').inputValue()).toBe('')
    expect(phone.faults).toEqual([])
    await phone.page.context().close()
  })

  test('a message waits for its time, can be changed meanwhile, and goes out by itself', async () => {
    await bob.choose('Dear all, the proofs are here', 'Reply')
    await bob.field('Winter launch').fill('Good morning, tomorrow, @Captain')
    await bob.page.getByRole('button', { name: 'Send later' }).click()
    await bob.page.getByRole('menuitem', { name: /^Tomorrow at 9/ }).click()
    await bob.page.getByText('1 scheduled message').waitFor()
    expect(await bob.field('Winter launch').inputValue()).toBe('')
    await bob.page.getByRole('button', { name: 'Show', exact: true }).click()
    await dialogOf(bob).getByRole('textbox', { name: 'Message' }).fill('Good morning, @Captain and all')
    await dialogOf(bob).getByRole('button', { name: 'Save' }).click()
    await expect
      .poll(async () => (await callerOf('bob').schedule.list({ roomId })).items.map(({ content }) => content))
      .toEqual(['Good morning, @Captain and all'])
    const [waiting] = (await callerOf('bob').schedule.list({ roomId })).items
    expect(waiting).toMatchObject({ mentions: ['alice'], replyToId: expect.any(String) })
    await callerOf('bob').schedule.update({ scheduleId: waiting?.id ?? '', sendAt: new Date() })
    await alice.sees('Good morning, @Captain and all')
    expect([...alice.faults, ...bob.faults]).toEqual([])
  })
})
