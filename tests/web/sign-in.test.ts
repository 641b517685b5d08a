import { describe, expect, test } from 'vitest'
import { signToken, TEST_SECRET } from '../support/test-app.ts'
import { chromiumPath } from './page-browser.ts'
import { usePageStage } from './page-stage.ts'

describe.skipIf(!chromiumPath)('signing in by name, in development', () => {
  const stage = usePageStage()

  test('who stays signed in is so in new windows and after a restart, until they sign out in one of them', async () => {
    const alice = await stage.arrive()
    const { page } = alice
    await page.getByRole('checkbox', { name: 'Stay signed in on this device' }).check()
    await alice.signIn('Alice')
    const second = await page.context().newPage()
    await second.goto(stage.url)
    await second.getByRole('heading', { name: 'Welcome, Alice' }).waitFor()
    await page.close()
    const third = await second.context().newPage()
    await third.goto(stage.url)
    await third.getByRole('heading', { name: 'Welcome, Alice' }).waitFor()

    await third.getByRole('button', { name: 'Sign out' }).click()
    await second.getByLabel('Your name').waitFor()
    await third.reload()
    await third.getByLabel('Your name').waitFor()
    // A window that waits at the door comes in with the one that opens it.
    await third.getByRole('checkbox', { name: 'Stay signed in on this device' }).check()
    await third.getByLabel('Your name').fill('Bob')
    await third.getByRole('button', { name: 'Sign in', exact: true }).click()
    await second.getByRole('heading', { name: 'Welcome, Bob' }).waitFor()
    await second.context().close()
  })

  test('who does not is so in their window alone: two windows can be two people', async () => {
    const alice = await stage.enter('Alice')
    await alice.page.reload()
    await alice.page.getByRole('heading', { name: 'Welcome, Alice' }).waitFor()
    const second = await alice.page.context().newPage()
    await second.goto(stage.url)
    await second.getByLabel('Your name').waitFor()
    expect(alice.faults).toEqual([])
  })
})

describe.skipIf(!chromiumPath)('signing in where the application signs tokens', () => {
  const stage = usePageStage({ authSecret: TEST_SECRET })

  test('the page asks for no name, says who signs people in, and takes a token', async () => {
    const alice = await stage.arrive()
    const { page } = alice
    await page.getByText('Open the chat from your application').waitFor()
    expect(await page.getByLabel('Your name').count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Sign in by name instead' }).count()).toBe(0)
    await page.getByLabel('Token').fill(await signToken('alice', { name: 'Alice' }))
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Welcome, Alice' }).waitFor()
    expect(alice.faults).toEqual([])
  })
})
