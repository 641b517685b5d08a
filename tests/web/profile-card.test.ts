import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'

describe.skipIf(!chromiumPath)('who somebody is', () => {
  const stage = usePageStage()
  let roomId: string
  let alice: PagePerson

  const cardOf = ({ page }: PagePerson, name: string) => page.getByRole('dialog', { name: `${name}’s profile` }).last()
  const focused = ({ page }: PagePerson) => page.locator(':focus')
  const isInWindow = (person: PagePerson, name: string) =>
    cardOf(person, name).evaluate((card) => {
      const { left, top, right, bottom } = card.getBoundingClientRect()
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
    })

  beforeAll(async () => {
    if (!chromiumPath) return
    await Promise.all(['alice', 'bob', 'chiara'].map((name) => stage.caller(name).room.list({})))
    await stage.caller('bob').user.update({ name: 'Bob Okafor' })
    const room = await stage.caller('bob').room.create({ kind: 'group', name: ROOM, memberIds: ['alice', 'chiara'] })
    roomId = room.id
    await stage.say('bob', roomId, 'The proofs are here')
    await stage.caller('chiara').message.send({
      roomId,
      clientId: crypto.randomUUID(),
      content: 'Ask @Captain',
      mentions: ['bob'],
    })
    await stage.caller('bob').room.settings({ roomId, nickname: 'Captain' })
    alice = await stage.enter('Alice')
    await alice.open(ROOM)
    await alice.sees('The proofs are here')
  }, 60_000)

  test('a name opens their profile: name, role and name in the room; Escape gives the focus back', async () => {
    const name = alice.message('The proofs are here').getByRole('button', { name: 'Captain’s profile' })
    await name.click()
    const card = cardOf(alice, 'Bob Okafor')
    await card.getByRole('heading', { name: 'Bob Okafor' }).waitFor()
    await card.getByText('Offline').waitFor()
    await card.getByText('Owner', { exact: false }).waitFor()
    await card.getByText('Captain').waitFor()
    expect(await isInWindow(alice, 'Bob Okafor')).toBe(true)
    await alice.page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    await name.and(focused(alice)).waitFor()
  })

  test('a picture and a mention open it as well, and a press beside it closes it', async () => {
    await alice.message('The proofs are here').locator('.message-margin button').click()
    await cardOf(alice, 'Bob Okafor').waitFor()
    await alice.field(ROOM).click()
    await cardOf(alice, 'Bob Okafor').waitFor({ state: 'detached' })
    await alice.message('Ask @').getByRole('button', { name: '@Captain' }).click()
    await cardOf(alice, 'Bob Okafor').waitFor()
    await alice.page.keyboard.press('Escape')
  })

  test('the keyboard gets there from the row, and only from the row that Tab reaches', async () => {
    const { keyboard } = alice.page
    await alice.message('The proofs are here').focus()
    await keyboard.press('Tab')
    await focused(alice)
      .and(alice.page.getByRole('button', { name: 'Captain’s profile' }))
      .waitFor()
    await keyboard.press('Enter')
    await cardOf(alice, 'Bob Okafor').getByRole('button', { name: 'Message' }).and(focused(alice)).waitFor()
    await keyboard.press('Escape')
    expect(await alice.page.locator('.timeline .person-button[tabindex="0"]').count()).toBe(1)
  })

  test('whom one blocks is blocked, and can be unblocked there', async () => {
    await alice.page.getByRole('button', { name: 'Show members' }).click()
    const panel = alice.page.getByRole('complementary', { name: 'About this room' })
    await panel.getByRole('button', { name: 'chiara’s profile' }).click()
    const card = cardOf(alice, 'chiara')
    await card.getByRole('button', { name: 'Block', exact: true }).click()
    await card.getByRole('button', { name: 'Unblock', exact: true }).waitFor()
    expect((await stage.caller('alice').user.blocked()).items.map(({ id }) => id)).toEqual(['chiara'])
    await card.getByRole('button', { name: 'Unblock', exact: true }).click()
    await card.getByRole('button', { name: 'Block', exact: true }).waitFor()
    await alice.page.keyboard.press('Escape')
    await alice.page.getByRole('button', { name: 'Hide members' }).click()
  })

  test('a button leads to the one conversation with them', async () => {
    await alice.message('The proofs are here').getByRole('button', { name: 'Captain’s profile' }).click()
    await cardOf(alice, 'Bob Okafor').getByRole('button', { name: 'Message' }).click()
    await alice.field('Bob Okafor').waitFor()
    await cardOf(alice, 'Bob Okafor').waitFor({ state: 'detached' })
    await alice.say('Bob Okafor', 'Hello Bob')
    await alice.sees('Hello Bob')
  })

  test('one’s own profile leads to where name and picture are changed', async () => {
    await alice.message('Hello Bob').getByRole('button', { name: 'Alice’s profile' }).click()
    await cardOf(alice, 'Alice').getByRole('button', { name: 'Edit profile' }).click()
    const dialog = alice.page.getByRole('dialog', { name: 'Your preferences' })
    const save = () => dialog.getByRole('button', { name: 'Save' }).click()
    const name = dialog.getByLabel('Name', { exact: true })
    const picture = dialog.getByLabel('Picture URL')
    await name.fill(' ')
    await save()
    await dialog.getByText('Enter a name.').waitFor()
    await name.fill('Alice Arden')
    await picture.fill('http://example.com/me.png')
    await save()
    await dialog.getByText('Enter a picture URL that starts with https://.').waitFor()
    await picture.fill('')
    await name.fill('A\u0301\u0302\u0303\u0304\u0305\u0306\u0307')
    await save()
    await dialog.getByText('The server rejected this.').waitFor()
    await name.fill('Alice Arden')
    await save()
    await alice.page.getByText('Profile saved.').waitFor()
    await dialog.getByRole('button', { name: 'Close', exact: true }).click()
    await alice.conversations.locator('.sidebar-viewer-name', { hasText: 'Alice Arden' }).waitFor()
    expect(await stage.caller('bob').user.get({ userId: 'alice' })).toMatchObject({
      name: 'Alice Arden',
      pictureUrl: null,
    })
    await alice.message('Hello Bob').getByRole('button', { name: 'Alice Arden’s profile' }).waitFor()
  })

  test('on a phone it comes from the lower edge', async () => {
    const viewport = { width: 360, height: 740 }
    const phone = await stage.enter('Chiara', { viewport, hasTouch: true, isMobile: true })
    await phone.open(ROOM)
    await phone.message('The proofs are here').getByRole('button', { name: 'Captain’s profile' }).tap()
    await phone.page.locator('dialog.sheet').waitFor()
    await cardOf(phone, 'Bob Okafor').getByRole('button', { name: 'Message' }).waitFor()
    await expect.poll(() => isInWindow(phone, 'Bob Okafor')).toBe(true)
    await phone.page.touchscreen.tap(180, 60)
    await phone.page.locator('dialog.sheet').waitFor({ state: 'detached' })
    expect([...phone.faults, ...alice.faults]).toEqual([])
    await phone.page.context().close()
  })
})
