import { describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import { usePageStage } from './page-stage.ts'

describe.skipIf(!chromiumPath)('the first run', () => {
  const stage = usePageStage()

  test('leads somebody who is alone to demo people, a first message and an answer', async () => {
    const ada = await stage.arrive({ viewport: { width: 390, height: 780 } })
    await ada.signIn('Ada')
    await ada.page.getByRole('button', { name: 'Chat with demo people' }).filter({ visible: true }).click()
    await ada.sees('I’m a demo person')
    await ada.say('Demo room', 'What can I try here?')
    await ada.sees('What can I try here?')
    await ada.sees('Good question.')
    expect(ada.faults).toEqual([])
  })
})
