import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')

/** Builds the page where it is missing, or older than what it is made of: once, before any test loads it. */
export default async function setup(): Promise<void> {
  const built = await changedAt(join(ROOT, 'web/dist/index.html'))
  const sources = await Promise.all(
    ['web/src', 'web/public', 'web/index.html', 'web/vite.config.ts', 'web/precompress.ts', 'client', 'shared'].map(
      newestIn,
    ),
  )
  if (built > Math.max(...sources)) return
  // In a process of its own: a build sets the mode of its process to production.
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: ROOT, shell: process.platform === 'win32' })
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
