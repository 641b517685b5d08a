import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'

const PLACES = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome']

/** Where a Chromium is on this machine; undefined where none is found. */
export const chromiumPath: string | undefined = PLACES.find((path) => path !== undefined && existsSync(path))

const FLAGS = [
  // Root may not use Chromium's own sandbox, and continuous integration often runs as root.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ ...(chromiumPath ? { executablePath: chromiumPath } : {}), headless: true, args: FLAGS })

const ROOT = join(import.meta.dirname, '../..')

/** Builds the page where it is missing, or older than what it is made of. */
export async function buildPage(): Promise<void> {
  const built = await changedAt(join(ROOT, 'web/dist/index.html'))
  const sources = await Promise.all(
    ['web/src', 'web/public', 'web/index.html', 'web/vite.config.ts', 'web/precompress.ts', 'client', 'shared'].map(
      newestIn,
    ),
  )
  if (built > Math.max(...sources)) return
  const { NODE_ENV } = process.env
  await build({ configFile: join(ROOT, 'web/vite.config.ts'), logLevel: 'error' })
  // The build says "production", which the server that is tested is not.
  if (NODE_ENV === undefined) delete process.env['NODE_ENV']
  else process.env['NODE_ENV'] = NODE_ENV
}

async function newestIn(path: string): Promise<number> {
  const place = join(ROOT, path)
  if (!(await stat(place)).isDirectory()) return changedAt(place)
  const files = await readdir(place, { recursive: true })
  return Math.max(...(await Promise.all(files.map((file) => changedAt(join(place, file))))))
}

/** In milliseconds; 0 for what is not there. */
const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
