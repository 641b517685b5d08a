import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CDPSession } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import type { PagePerson } from './page-person.ts'
import { usePageStage } from './page-stage.ts'

const ROOM = 'Autumn launch'
const PATIENCE = { timeout: 8_000 }

interface Dragged {
  items?: { mimeType: string; data: string }[]
  files?: string[]
}

describe.skipIf(!chromiumPath)('files that are dropped or pasted', { timeout: 60_000 }, () => {
  const stage = usePageStage()
  let alice: PagePerson
  let directory = ''

  /**
   * Drags something from another program over the page and lets it go, as the device tells the browser. Returns, of the last event, what
   * the browser then does by itself: it leaves the page unless that was prevented.
   */
  const drop = async (person: PagePerson, onto: string, { items = [], files = [] }: Dragged) => {
    const box = await person.page.locator(onto).boundingBox()
    if (!box) throw new Error('Unable to drop there; it is not on the screen')
    const cdp: CDPSession = await person.page.context().newCDPSession(person.page)
    const at = { x: box.x + box.width / 3, y: box.y + box.height / 2 }
    const data = { items, files, dragOperationsMask: 1 }
    await person.page.evaluate(() => {
      const note = (event: DragEvent) => {
        const by = event.defaultPrevented ? 'prevented' : 'by the browser'
        document.documentElement.dataset['dropped'] = `${event.type} ${by}`
      }
      for (const type of ['dragover', 'drop'] as const) addEventListener(type, note)
    })
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await cdp.send('Input.dispatchDragEvent', { type, ...at, data })
    }
    await cdp.detach()
    return person.page.locator('html').getAttribute('data-dropped')
  }
  const says = (words: string) => alice.page.getByText(words).waitFor()

  beforeAll(async () => {
    if (!chromiumPath) return
    directory = await mkdtemp(join(tmpdir(), 'confab-files-'))
    await Promise.all(['plan.pdf', 'proof.png'].map((name) => writeFile(join(directory, name), 'x')))
    alice = await stage.enter('Alice')
    await stage.caller('alice').room.create({ kind: 'group', name: ROOM })
    await alice.open(ROOM)
  }, 60_000)

  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('a file that is dropped anywhere is named in words, and the page stays', async () => {
    const { page } = alice
    const address = page.url()
    const dropped = await drop(alice, '.timeline', { files: [join(directory, 'plan.pdf')] })
    expect(dropped).toBe('drop prevented')
    await says('File uploads aren’t supported yet: “plan.pdf” was not sent.')
    await drop(alice, '.composer-field', { files: ['proof.png', 'plan.pdf'].map((name) => join(directory, name)) })
    await says('File uploads aren’t supported yet: “proof.png” and 1 other were not sent.')
    expect([page.url(), await alice.field(ROOM).inputValue()]).toEqual([address, ''])
  })

  test('a link that is dropped beside the fields leads nowhere, and text that is dropped into one is written there', async () => {
    const { page } = alice
    const address = page.url()
    const link = [{ mimeType: 'text/uri-list', data: `${stage.url}/healthz` }]
    // It is not even taken: there is no drop.
    expect(await drop(alice, '.timeline', { items: link })).toBe('dragover prevented')
    const words = [{ mimeType: 'text/plain', data: 'Dropped words' }]
    expect(await drop(alice, '.composer-field', { items: words })).toBe('drop by the browser')
    await expect.poll(() => alice.field(ROOM).inputValue(), PATIENCE).toBe('Dropped words')
    expect(page.url()).toBe(address)
    await alice.field(ROOM).fill('')
  })

  test('a picture that is pasted is named in words, and text beside a picture is pasted', async () => {
    const { page } = alice
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const copy = (withText: boolean) =>
      page.evaluate(async (hasText) => {
        const canvas = new OffscreenCanvas(2, 2)
        canvas.getContext('2d')
        const picture = await canvas.convertToBlob({ type: 'image/png' })
        const text = new Blob(['A table'], { type: 'text/plain' })
        await navigator.clipboard.write([
          new ClipboardItem({ 'image/png': picture, ...(hasText ? { 'text/plain': text } : {}) }),
        ])
      }, withText)
    await copy(false)
    await alice.field(ROOM).press('Control+v')
    await says('File uploads aren’t supported yet: “image.png” was not sent.')
    await copy(true)
    await alice.field(ROOM).press('Control+v')
    await expect.poll(() => alice.field(ROOM).inputValue(), PATIENCE).toBe('A table')
    expect(alice.faults).toEqual([])
  })

  test('the page stays before signing in, too', async () => {
    const visitor = await stage.arrive()
    expect(await drop(visitor, '.sign-in', { files: [join(directory, 'plan.pdf')] })).toBe('drop prevented')
    await visitor.signIn('Bob')
    expect(visitor.faults).toEqual([])
  })
})
