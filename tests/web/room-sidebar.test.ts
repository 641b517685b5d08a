import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'
import { Finger } from './page-touch.ts'

const ROOMS = [
  'Autumn launch',
  'Zoë’s garden',
  'Print shop',
  ...Array.from({ length: 10 }, (_, n) => `Topic ${String.fromCharCode(65 + n)}`),
]

describe.skipIf(!chromiumPath)('the list of conversations', () => {
  const stage = usePageStage()
  const roomIds = new Map<string, string>()
  let alice: PagePerson

  const idOf = (room: string) => roomIds.get(room) ?? ''
  const settingsOf = async (room: string) =>
    (await stage.caller('alice').room.get({ roomId: idOf(room) })).viewer.settings
  const names = ({ conversations }: PagePerson) => conversations.locator('.room-item-name').allInnerTexts()
  const filterOf = ({ page }: PagePerson) => page.getByRole('searchbox', { name: 'Filter conversations' })
  const menuOf = ({ page }: PagePerson, room: string) => page.getByRole('menu', { name: `Actions for ${room}` })
  const choose = async (person: PagePerson, room: string, choice: string) => {
    await person.line(room).click({ button: 'right' })
    await menuOf(person, room).getByRole('menuitem', { name: choice, exact: true }).click()
  }
  const leave = async (person: PagePerson) => {
    expect(person.faults).toEqual([])
    await person.page.context().close()
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    await Promise.all(['alice', 'bob'].map((name) => stage.caller(name).room.list({})))
    for (const name of ROOMS) {
      const room = await stage.caller('alice').room.create({ kind: 'group', name, memberIds: ['bob'] })
      roomIds.set(name, room.id)
    }
    alice = await stage.enter('Alice', { permissions: ['clipboard-read', 'clipboard-write'] })
    await alice.line('Topic J').waitFor()
  }, 60_000)

  test('rooms that come one after the other are all drawn', async () => {
    const dora = await stage.enter('Dora')
    await dora.page.getByText('No conversations yet.').waitFor()
    for (const name of ['First', 'Second', 'Third']) {
      await stage.caller('bob').room.create({ kind: 'group', name, memberIds: ['dora'] })
      await dora.line(name).waitFor()
    }
    await expect.poll(() => names(dora)).toEqual(['Third', 'Second', 'First'])
    await leave(dora)
  })

  test('a name narrows it down, without marks and case; nothing found is said in words, and Escape empties the field', async () => {
    await filterOf(alice).fill('zoe')
    await expect.poll(() => names(alice)).toEqual(['Zoë’s garden'])
    await filterOf(alice).fill('nowhere')
    await alice.page.getByText('No conversation matches “nowhere”.').waitFor()
    expect(await names(alice)).toEqual([])
    await filterOf(alice).press('Escape')
    await expect.poll(() => names(alice)).toHaveLength(ROOMS.length)
    expect(await filterOf(alice).inputValue()).toBe('')
  })

  test('Tab reaches one conversation, and keys move to the others', async () => {
    const focused = (room: string) => alice.line(room).and(alice.page.locator(':focus')).waitFor()
    const { keyboard } = alice.page
    await filterOf(alice).press('ArrowDown')
    await focused('Topic J')
    await keyboard.press('End')
    await focused('Autumn launch')
    await keyboard.press('ArrowUp')
    await focused('Zoë’s garden')
    await keyboard.press('Home')
    await focused('Topic J')
    expect(await alice.conversations.locator('.room-item[tabindex="0"]').count()).toBe(1)
    expect(await alice.conversations.getByRole('listitem').last().getAttribute('aria-setsize')).toBe('13')
    expect(await alice.conversations.getByRole('listitem').last().getAttribute('aria-posinset')).toBe('13')
  })

  test('Alt and an arrow open the next conversation and the one before', async () => {
    await alice.open('Topic J')
    await alice.page.keyboard.press('Alt+ArrowDown')
    await alice.field('Topic I').waitFor()
    await alice.page.keyboard.press('Alt+ArrowUp')
    await alice.field('Topic J').waitFor()
  })

  test('a draft shows in the line of its room, also one from another device, until it is sent', async () => {
    await alice.open('Print shop')
    await alice.field('Print shop').fill('Dear printers,')
    expect(await alice.line('Print shop').getByText('Draft').count()).toBe(0)
    await alice.open('Topic A')
    await alice.line('Print shop').getByText('Draft').waitFor()
    // The other device takes what this one has told the server.
    const saved = async () => (await stage.caller('alice').draft.get({ roomId: idOf('Print shop') }))?.content
    await expect.poll(saved).toBe('Dear printers,')
    const phone = await stage.enter('Alice', { viewport: { width: 390, height: 780 } })
    await phone.line('Print shop').getByText('Draft').waitFor()
    await phone.open('Print shop')
    await expect.poll(() => phone.field('Print shop').inputValue()).toBe('Dear printers,')
    await phone.say('Print shop', 'Dear printers, it is done')
    await expect.poll(saved).toBeUndefined()
    await leave(phone)
    await alice.page.evaluate(() => dispatchEvent(new Event('focus')))
    await alice.line('Print shop').getByText('Draft').waitFor({ state: 'detached' })
  })

  test('its menu pins a room, and takes the pin back', async () => {
    await choose(alice, 'Autumn launch', 'Pin to top')
    await expect.poll(async () => (await names(alice))[0]).toBe('Autumn launch')
    await alice.line('Autumn launch').getByText('Pinned').waitFor()
    await choose(alice, 'Autumn launch', 'Unpin')
    await expect.poll(async () => (await names(alice))[0]).not.toBe('Autumn launch')
    expect(await settingsOf('Autumn launch')).toMatchObject({ isPinned: false })
  })

  test('a muted room counts no longer in the window’s title, and marks as read what it has', async () => {
    await stage.say('bob', idOf('Topic B'), 'One')
    await stage.say('bob', idOf('Topic B'), 'Two')
    await alice.line('Topic B').getByText('2 unread').waitFor()
    await expect.poll(() => alice.page.title()).toBe('(2) Topic A · Confab')
    await choose(alice, 'Topic B', 'Mute notifications')
    await expect.poll(() => alice.page.title()).toBe('Topic A · Confab')
    await alice.line('Topic B').getByText('Muted').waitFor()
    await alice.line('Topic B').getByText('2 unread').waitFor()
    await stage.caller('bob').message.send({
      roomId: idOf('Topic B'),
      clientId: crypto.randomUUID(),
      content: 'Alice?',
      mentions: ['alice'],
    })
    await expect.poll(() => alice.page.title()).toBe('(1) Topic A · Confab')
    await choose(alice, 'Topic B', 'Mark as read')
    await alice.line('Topic B').getByText('unread').waitFor({ state: 'detached' })
    await expect.poll(() => alice.page.title()).toBe('Topic A · Confab')
    await choose(alice, 'Topic B', 'Unmute notifications')
    await alice.line('Topic B').getByText('Muted').waitFor({ state: 'detached' })
    expect(await settingsOf('Topic B')).toMatchObject({ notifications: 'all' })
  })

  test('a link to a room can be copied, and leads there', async () => {
    await choose(alice, 'Topic C', 'Copy link')
    await alice.page.getByText('Link copied.').waitFor()
    const link = await alice.page.evaluate(() => navigator.clipboard.readText())
    expect(link).toBe(`${stage.url}/#/rooms/${idOf('Topic C')}`)
    await alice.page.goto(link)
    await alice.field('Topic C').waitFor()
  })

  test('a hidden room is gone until it is brought back', async () => {
    await choose(alice, 'Topic D', 'Hide room')
    await alice.line('Topic D').waitFor({ state: 'detached' })
    expect(await settingsOf('Topic D')).toMatchObject({ isHidden: true })
    await alice.page.getByRole('button', { name: 'Undo' }).click()
    await alice.line('Topic D').waitFor()
  })

  test('the keyboard opens the menu, which gives the focus back', async () => {
    const { keyboard } = alice.page
    for (const key of ['Shift+F10', 'ContextMenu']) {
      await alice.line('Topic E').focus()
      await keyboard.press(key)
      await menuOf(alice, 'Topic E').waitFor()
      await alice.page.locator('[role="menuitem"]:focus', { hasText: 'Pin to top' }).waitFor()
      await keyboard.press('ArrowDown')
      await alice.page.locator('[role="menuitem"]:focus', { hasText: 'Mute notifications' }).waitFor()
      await keyboard.press('Escape')
      await menuOf(alice, 'Topic E').waitFor({ state: 'detached' })
      await alice.line('Topic E').and(alice.page.locator(':focus')).waitFor()
    }
  })

  test('leaving another room leaves the open one open', async () => {
    await alice.open('Topic E')
    await stage.caller('alice').member.setRole({ roomId: idOf('Topic F'), userId: 'bob', role: 'owner' })
    await choose(alice, 'Topic F', 'Leave room…')
    await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Leave', exact: true }).click()
    await alice.line('Topic F').waitFor({ state: 'detached' })
    await alice.field('Topic E').waitFor()
  })

  test('a finger that rests on a room opens the menu from the lower edge, and opens no room', async () => {
    const phone = await stage.enter('Alice', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true })
    const finger = await Finger.on(phone.page)
    await finger.press(phone.line('Topic G'))
    const sheet = phone.page.getByRole('dialog', { name: 'Actions for Topic G' })
    await sheet.waitFor()
    await finger.lift()
    expect(new URL(phone.page.url()).hash).toBe('')
    await sheet.getByRole('menuitem', { name: 'Pin to top' }).tap()
    await sheet.waitFor({ state: 'detached' })
    await phone.line('Topic G').getByText('Pinned').waitFor()
    await leave(phone)
    expect(alice.faults).toEqual([])
  })

  test('a conversation that comes to the top keeps the focus, also where no element can move with it', async () => {
    for (const browser of ['new', 'old']) {
      const person = await stage.arrive()
      if (browser === 'old') {
        await person.page.addInitScript(() => void Reflect.deleteProperty(Element.prototype, 'moveBefore'))
        await person.page.reload()
      }
      await person.signIn('Alice')
      const room = browser === 'old' ? 'Autumn launch' : 'Zoë’s garden'
      await person.line(room).focus()
      await stage.say('bob', idOf(room), 'Up it goes')
      // Only what is pinned stands above it.
      await expect.poll(async () => (await names(person))[1]).toBe(room)
      await person.line(room).and(person.page.locator(':focus')).waitFor({ timeout: 2_000 })
      await leave(person)
    }
  })
})
