import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { chromiumPath } from './page-browser.ts'
import { usePageStage } from './page-stage.ts'

/** What the page may weigh on the wire, with headers, until somebody is signed in and reads a room. */
const FIRST_LOAD_BYTES = 120_000
const LATER = /\/assets\/later-parts-/

interface Answer {
  status: number | undefined
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** As the bytes come: `fetch` would decompress them. */
const get = (url: string, headers: Record<string, string> = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
      })
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })

describe.skipIf(!chromiumPath)('the weight of the page', () => {
  const stage = usePageStage()

  const files = async () => {
    const html = (await get(stage.url)).body.toString()
    const [script, style] = [/src="([^"]+\.js)"/, /href="([^"]+\.css)"/].map((file) => file.exec(html)?.[1] ?? '')
    return [
      { path: '/', type: /^text\/html/, cached: 'no-cache' },
      { path: script, type: /^(text|application)\/javascript/, cached: 'public, max-age=31536000, immutable' },
      { path: style, type: /^text\/css/, cached: 'public, max-age=31536000, immutable' },
    ]
  }

  test('files come compressed to who takes that, as what they are, and plain to who does not', async () => {
    for (const { path, type, cached } of await files()) {
      const url = `${stage.url}${path}`
      const [plain, brotli, zipped, refused] = await Promise.all([
        get(url),
        get(url, { 'accept-encoding': 'gzip, deflate, br, zstd' }),
        get(url, { 'accept-encoding': 'gzip' }),
        get(url, { 'accept-encoding': 'identity' }),
      ])
      expect([plain, brotli, zipped, refused].map(({ status }) => status)).toEqual([200, 200, 200, 200])
      expect([plain, brotli, zipped, refused].map(({ headers }) => headers['content-encoding'])).toEqual([
        undefined,
        'br',
        'gzip',
        undefined,
      ])
      expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true)
      expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
      expect(refused.body.equals(plain.body)).toBe(true)
      for (const { headers } of [plain, brotli, zipped]) {
        expect(headers['content-type']).toMatch(type)
        expect(headers['cache-control']).toBe(cached)
        // A shared cache keeps one answer for each way.
        expect(String(headers['vary']).toLowerCase().split(/, */)).toContain('accept-encoding')
      }
    }
  })

  test('what is too small to gain comes plain, and an address that leads nowhere is still one', async () => {
    const headers = { accept: 'text/html', 'accept-encoding': 'br, gzip' }
    const icon = await get(`${stage.url}/favicon.svg`, headers)
    expect([icon.status, icon.headers['content-encoding']]).toEqual([200, undefined])
    const nowhere = await get(`${stage.url}/nowhere`, headers)
    expect([nowhere.status, nowhere.headers['content-type']]).toEqual([404, expect.stringContaining('text/html')])
  })

  test('the first load stays light on the wire, until somebody who signs in reads a room', async () => {
    for (const name of ['alice', 'bob']) await stage.caller(name).room.list({})
    const alice = await stage.arrive()
    const { id } = await stage.caller('bob').room.create({ kind: 'group', name: 'Harbour news', memberIds: ['alice'] })
    await stage.say('bob', id, 'The ferry is late')
    const cdp = await alice.page.context().newCDPSession(alice.page)
    await cdp.send('Network.enable')
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
    const paths = new Map<string, string>()
    const bytes = new Map<string, number>()
    cdp.on('Network.responseReceived', ({ requestId, response }) => {
      const { pathname } = new URL(response.url)
      if (pathname === '/' || pathname.startsWith('/assets/')) paths.set(requestId, pathname)
    })
    cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const path = paths.get(requestId)
      if (path) bytes.set(path, encodedDataLength)
    })
    // What comes later is not needed for any of this.
    await alice.page.route(LATER, (route) => route.abort())
    await alice.page.reload()
    await alice.signIn('Alice')
    await alice.open('Harbour news')
    await alice.sees('The ferry is late')
    await alice.say('Harbour news', 'As ever')
    await alice.sees('As ever')
    expect(bytes.size).toBeGreaterThan(3)
    expect(Array.from(bytes.values()).reduce((sum, each) => sum + each)).toBeLessThan(FIRST_LOAD_BYTES)
  })
})
