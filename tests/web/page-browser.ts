import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

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

export const launchBrowser = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath ? { executablePath: chromiumPath } : {}),
    headless: true,
    args: [...FLAGS, ...more],
  })
