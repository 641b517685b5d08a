import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../support/test-app.ts'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

/** SCREENSHOTS=folder keeps a picture of each screen there, to be looked at. */
const PICTURES = process.env['SCREENSHOTS']

const WIDTHS = [320, 360, 768, 1_280, 1_920]
/** From right to left: the narrowest and a wide one. */
const MIRRORED_WIDTHS = [320, 1_280]
const PICTURED_WIDTHS = new Set([360, 768, 1_280])
const HEIGHT = 800

const ROOM = 'Autumn launch'
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3)

interface Screen {
  name: string
  open: (page: Page) => Promise<void>
}

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name }).filter({ visible: true }).first()
const chooses =
  (menu: string, choice: string): Screen['open'] =>
  async (page) => {
    await button(page, menu).click()
    await page.getByRole('menuitem', { name: choice }).click()
    await page.getByRole('dialog').waitFor()
  }
const ofMessage =
  (text: string, choice: string): Screen['open'] =>
  async (page) => {
    const message = page.getByRole('article').filter({ hasText: text }).first()
    await message.hover()
    await message.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: choice, exact: true }).click()
  }
const panel =
  (name: string): Screen['open'] =>
  (page) =>
    button(page, `Show ${name}`).click()
const shown = (page: Page, text: string) => page.getByText(text).filter({ visible: true }).first().waitFor()

/** Each begins at the open room, on a wide window. */
const SCREENS: readonly Screen[] = [
  { name: 'room', open: async () => undefined },
  {
    name: 'message menu',
    open: async (page) => {
      const message = page.getByRole('article').filter({ hasText: 'The proofs' }).first()
      await message.hover()
      await message.getByRole('button', { name: 'More actions' }).click()
    },
  },
  {
    name: 'emoji picker',
    open: async (page) => {
      const message = page.getByRole('article').filter({ hasText: 'The proofs' }).first()
      await message.hover()
      await message.getByRole('button', { name: 'Add reaction' }).click()
      // Two thousand buttons of one kind would take axe half a minute.
      await page.getByRole('searchbox').fill('party')
    },
  },
  { name: 'members', open: panel('members') },
  { name: 'search', open: panel('search') },
  { name: 'pinned', open: panel('pinned messages') },
  {
    name: 'thread',
    open: async (page) => {
      await button(page, /1 reply/).click()
      await page.getByRole('complementary', { name: 'Thread' }).waitFor()
    },
  },
  { name: 'forward', open: ofMessage('The proofs', 'Forward…') },
  { name: 'seen by', open: ofMessage('The proofs', 'Seen by…') },
  { name: 'delete', open: ofMessage('The proofs', 'Delete message') },
  { name: 'new room', open: chooses('New conversation', 'New room') },
  { name: 'new message', open: chooses('New conversation', 'New message') },
  { name: 'browse channels', open: chooses('New conversation', 'Browse channels') },
  { name: 'archived', open: chooses('New conversation', 'Archived and hidden rooms') },
  { name: 'preferences', open: (page) => button(page, 'Your preferences').click() },
  { name: 'shortcuts', open: (page) => page.keyboard.press('Control+/') },
  {
    name: 'room settings',
    open: async (page) => {
      await panel('members')(page)
      await button(page, 'Room settings').click()
    },
  },
  {
    name: 'invites',
    open: async (page) => {
      await panel('members')(page)
      await button(page, 'Invite by link').click()
    },
  },
  {
    name: 'moderation',
    open: async (page) => {
      await panel('members')(page)
      await button(page, /^Moderation/).click()
    },
  },
  {
    name: 'add people',
    open: async (page) => {
      await panel('members')(page)
      await button(page, 'Add people').click()
    },
  },
]

describe.skipIf(!chromiumPath)('every screen', () => {
  const stage = usePageStage()
  let alice: PagePerson
  let roomId: string

  beforeAll(async () => {
    if (!chromiumPath) return
    alice = await stage.enter('Alice', { viewport: { width: 1_280, height: HEIGHT }, reducedMotion: 'reduce' })
    const [caller, bob] = [stage.caller('alice'), stage.caller('bob')]
    const { upsert } = stage.app.createCaller({ userId: 'host', role: 'service' }).user
    await Promise.all([upsert({ id: 'bob', name: 'Bob Okafor' }), upsert({ id: 'zoe', name: LONG.slice(0, 80) })])
    const room = await caller.room.create({ kind: 'group', name: ROOM, memberIds: ['bob', 'zoe'] })
    roomId = room.id
    await stage.say('alice', roomId, 'The proofs are **here**. What do you think?')
    const asked = await stage.say(
      'bob',
      roomId,
      '> Good ones\n\n- good\n- very `good`\n\n```ts\nconst launch = true\n```',
    )
    await bob.message.send({ roomId, clientId: newId(), content: 'In a thread', threadId: asked.id })
    await stage.say('zoe', roomId, LONG)
    await caller.message.pin({ roomId, messageId: asked.id })
    await bob.reaction.add({ roomId, messageId: asked.id, emoji: '🎉' })
    await stage.say(
      'bob',
      roomId,
      'https://example.com/a/rather/long/address?that=goes&on=and&on=for&quite=some&time=still',
    )
    await alice.open(ROOM)
  }, 60_000)

  async function begin() {
    const { page } = alice
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await page.setViewportSize({ width: 1_280, height: HEIGHT })
    await page.goto(`${stage.url}/`)
    await page.goto(`${stage.url}/#/rooms/${roomId}`)
    await alice.field(ROOM).waitFor()
    await alice.sees('The proofs')
  }

  test.each(SCREENS)(
    '$name is accessible, and no wider than the window',
    { timeout: 60_000 },
    async ({ name, open }) => {
      await begin()
      const { page } = alice
      await open(page)
      expect(await violationsOn(page)).toEqual([])
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
      for (const dir of ['ltr', 'rtl']) {
        await page.evaluate((dir) => document.documentElement.setAttribute('dir', dir), dir)
        for (const width of dir === 'ltr' || PICTURES ? WIDTHS : MIRRORED_WIDTHS) {
          await page.setViewportSize({ width, height: HEIGHT })
          expect({ dir, width, excess: await excessOf(page) }).toEqual({ dir, width, excess: 0 })
          if (PICTURES && PICTURED_WIDTHS.has(width)) await keepPictures(page, `${name} ${width} ${dir}`)
        }
      }
      await page.setViewportSize({ width: 360, height: HEIGHT })
      expect(await violationsOn(page)).toEqual([])
      expect(alice.faults).toEqual([])
    },
  )

  test('so are the first run, the sign-in and an address that leads nowhere', { timeout: 60_000 }, async () => {
    const newcomer = await stage.arrive({ viewport: { width: 360, height: HEIGHT } })
    const { page } = newcomer
    await newcomer.page.getByLabel('Your name').waitFor()
    await allOf(page, 'sign-in')
    await newcomer.signIn('Nadia')
    await shown(page, 'Welcome, Nadia')
    await allOf(page, 'first run')
    await page.goto(`${stage.url}/nowhere`)
    await allOf(page, 'nowhere')
  })

  async function allOf(page: Page, name: string) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violationsOn(page)).toEqual([])
    }
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT })
      expect({ name, width, excess: await excessOf(page) }).toEqual({ name, width, excess: 0 })
      if (PICTURES && PICTURED_WIDTHS.has(width)) await keepPictures(page, `${name} ${width}`)
    }
  }
})

/** What axe has against the page as it is now: the rule and where. */
async function violationsOn(page: Page): Promise<string[]> {
  await settled(page)
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })")
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
  )
}

/** Colors that change are judged when they have: all that moves and ends has ended. */
const settled = (page: Page) =>
  page.waitForFunction(() =>
    document.getAnimations().every(({ effect }) => effect?.getComputedTiming().endTime === Infinity),
  )

/** By how many pixels the page is wider than its window. */
const excessOf = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        requestAnimationFrame(() =>
          resolve(document.documentElement.scrollWidth - document.documentElement.clientWidth),
        ),
      ),
  )

async function keepPictures(page: Page, name: string) {
  if (!PICTURES) return
  await mkdir(PICTURES, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await settled(page)
    await page.screenshot({ path: join(PICTURES, `${name.replaceAll(' ', '-')}-${colorScheme}.png`) })
  }
}
