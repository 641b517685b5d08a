import { describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'

describe.skipIf(!chromiumPath)('the words of the page', () => {
  const stage = usePageStage()

  test('a room is run in the words that people know from other chats', async () => {
    const alice = await stage.enter('Alice')
    const { page } = alice
    await stage.caller('bob').room.list({})
    await stage.caller('alice').room.create({ kind: 'group', name: ROOM, memberIds: ['bob'] })
    await alice.open(ROOM)
    await page.getByRole('button', { name: 'New conversation' }).click()
    expect(await page.getByRole('menuitem').allInnerTexts()).toEqual([
      'New room',
      'New message',
      'Browse channels',
      'Archived and hidden rooms',
    ])
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Show members' }).click()
    await page.getByRole('button', { name: 'Actions for Bob' }).click()
    expect(await page.getByRole('menuitem').allInnerTexts()).toEqual([
      'Make admin',
      'Make moderator',
      'Transfer ownership',
      'Mute…',
      'Remove from room…',
      'Ban from room…',
      'Block',
    ])
    await page.keyboard.press('Escape')

    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Invite by link' }).click()
    await dialog.getByText('No active links.').waitFor()
    await dialog.getByLabel('Expires after').selectOption('Until revoked')
    await dialog.getByLabel('Max uses').selectOption('5 uses')
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Room settings' }).click()
    await dialog.getByRole('tab', { name: 'State' }).click()
    const choices = await dialog.getByRole('region', { name: 'State of the room' }).getByRole('button').allInnerTexts()
    expect(choices).toEqual(['Make read-only', 'Archive', 'Delete permanently'])
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Moderation' }).click()
    await dialog.getByText('No open reports.').waitFor()
    await dialog.getByRole('tab', { name: 'Audit log' }).click()
    // No act is shown by the name that the API has for it.
    for (const act of await dialog.getByLabel('Show').locator('option').allInnerTexts())
      expect(act).not.toMatch(/\w\.\w/)
    await dialog.getByRole('list', { name: 'Audit log' }).getByText('Alice created the room').waitFor()
    expect(alice.faults).toEqual([])
  })
})
