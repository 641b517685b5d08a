import { beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOMS = ['Autumn launch', 'Garden', 'Print shop', 'Zoë’s farewell']

describe.skipIf(!chromiumPath)('jumping to a conversation', () => {
  const stage = usePageStage()
  const roomIds = new Map<string, string>()
  let alice: PagePerson

  const dialogOf = ({ page }: PagePerson) => page.getByRole('dialog', { name: 'Jump to' })
  const fieldOf = (person: PagePerson) => dialogOf(person).getByRole('combobox', { name: 'Room or person' })
  const options = (person: PagePerson) => dialogOf(person).getByRole('option').locator('.person-name').allInnerTexts()
  const active = (person: PagePerson) =>
    fieldOf(person).evaluate(
      (field) =>
        document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.querySelector('bdi')?.innerText,
    )
  const open = async (person: PagePerson) => {
    await person.page.keyboard.press('Control+k')
    await fieldOf(person).and(person.page.locator(':focus')).waitFor()
  }

  beforeAll(async () => {
    if (!chromiumPath) return
    await Promise.all(['alice', 'bob', 'gareth'].map((name) => stage.caller(name).room.list({})))
    for (const name of ROOMS) {
      const room = await stage.caller('alice').room.create({ kind: 'group', name, memberIds: ['bob'] })
      roomIds.set(name, room.id)
    }
    await stage.caller('alice').room.direct({ userId: 'bob' })
    alice = await stage.enter('Alice')
    for (const name of ['Garden', 'Autumn launch', 'Print shop']) await alice.open(name)
  }, 60_000)

  test('from the composer, what was visited last comes first, and Enter goes there', async () => {
    await alice.field('Print shop').focus()
    await open(alice)
    await expect.poll(() => options(alice)).toEqual(['Autumn launch', 'Garden', 'bob', 'Zoë’s farewell'])
    await alice.page.keyboard.press('ArrowDown')
    expect(await active(alice)).toBe('Garden')
    await alice.page.keyboard.press('ArrowUp')
    await alice.page.keyboard.press('ArrowUp')
    expect(await active(alice)).toBe('Zoë’s farewell')
    await alice.page.keyboard.press('ArrowDown')
    await alice.page.keyboard.press('Enter')
    await alice.field('Autumn launch').waitFor()
    await dialogOf(alice).waitFor({ state: 'detached' })
  })

  test('what is unread is marked', async () => {
    await stage.say('bob', roomIds.get('Zoë’s farewell') ?? '', 'Who brings the cake?')
    await alice.line('Zoë’s farewell').getByText('1 unread').waitFor()
    await open(alice)
    await dialogOf(alice).getByRole('option', { name: 'Zoë’s farewell' }).getByText('1 unread').waitFor()
    await alice.page.keyboard.press('Escape')
    await dialogOf(alice).waitFor({ state: 'detached' })
  })

  test('a name finds rooms, conversations and people; a person leads to a conversation with them', async () => {
    await open(alice)
    await fieldOf(alice).fill('ZOE')
    await expect.poll(() => options(alice)).toEqual(['Zoë’s farewell'])
    await fieldOf(alice).fill('bo')
    // The one conversation with him, and not him once more.
    await expect.poll(() => options(alice)).toEqual(['bob'])
    await fieldOf(alice).fill('gar')
    await expect.poll(() => options(alice)).toEqual(['Garden', 'gareth'])
    await fieldOf(alice).fill('nobody at all')
    await dialogOf(alice).getByText('No rooms or people found.').waitFor()
    await fieldOf(alice).fill('gareth')
    await expect.poll(() => options(alice)).toEqual(['gareth'])
    await alice.page.keyboard.press('Enter')
    await alice.field('gareth').waitFor()
    expect((await stage.caller('gareth').room.list()).items).toHaveLength(1)
  })

  test('Escape closes it at once, whatever is typed, and the focus is where it was', async () => {
    await alice.field('gareth').focus()
    await open(alice)
    await fieldOf(alice).fill('gard')
    await alice.page.keyboard.press('Escape')
    await dialogOf(alice).waitFor({ state: 'detached' })
    await alice.field('gareth').and(alice.page.locator(':focus')).waitFor()
  })

  test('the list of shortcuts names it', async () => {
    await alice.page.keyboard.press('Control+/')
    await alice.page.getByText('Jump to a conversation or a person').waitFor()
    await alice.page.keyboard.press('Escape')
  })

  test('on a phone a button opens it, and a tap goes there', async () => {
    const viewport = { width: 360, height: 740 }
    const phone = await stage.enter('Alice', { viewport, hasTouch: true, isMobile: true })
    await phone.line('Garden').waitFor()
    await phone.page.getByRole('button', { name: 'Jump to a conversation' }).tap()
    await dialogOf(phone).getByRole('option', { name: 'Garden' }).tap()
    await phone.field('Garden').waitFor()
    expect([...phone.faults, ...alice.faults]).toEqual([])
    await phone.page.context().close()
  })
})
