import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const SCRIPTS = join(import.meta.dirname, '../../scripts')

/** Each script, and a call of it that is wrong. */
const WRONG_CALLS: [script: string, ...args: string[]][] = [
  ['token', 'alice', '--rol', 'service'],
  ['token', 'alice', 'bob'],
  ['token', 'alice', '--role', 'boss'],
  ['migrate-database', '--dry-run'],
  ['new-epoch', 'now'],
  ['rotate-keys', 'cursors'],
  ['rotate-keys', 'cursor', 'cursor'],
  ['partition-database', '1'],
  ['verify-unread', '--repare'],
  ['seed', '--rooms', 'many'],
  ['seed', 'now'],
]

const NAMES = [...new Set(WRONG_CALLS.map(([script]) => script))]

interface Answer {
  code: number | string | null | undefined
  stdout: string
  stderr: string
}

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'confab-script-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Runs in a directory of its own, where it would make its data. */
function run([script, ...args]: string[], settings: Record<string, string> = {}): Promise<Answer> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
  const env = { PATH, NODE_COMPILE_CACHE, DATA_DIR: join(directory, 'data'), ...settings }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(SCRIPTS, `${script}.ts`), ...args],
      { cwd: directory, env },
      (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, stdout, stderr })
      },
    )
  })
}

describe('a script', () => {
  test.each(NAMES)('%s says how it is used, and does nothing else', async (script) => {
    const { code, stdout, stderr } = await run([script, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('\n  npm run ')
    expect(await readdir(directory)).toEqual([])
  })

  test.each([['new-epoch'], ['rotate-keys', 'cursor'], ['verify-unread']])(
    '%s makes no database where there is none',
    async (...call) => {
      const { code, stdout, stderr } = await run(call)
      expect({ code, stdout }).toEqual({ code: expect.any(Number), stdout: '' })
      expect(code).not.toBe(0)
      expect(stderr).toMatch(/^Unable to find data in \S+; no server has run there, see DATA_DIR and DATABASE_URL\n$/)
      expect(await readdir(directory)).toEqual([])
    },
  )

  test.each(WRONG_CALLS.map((call) => ({ call, line: call.join(' ') })))(
    'refuses $line, and says how it is used',
    async ({ call }) => {
      const { code, stdout, stderr } = await run(call)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('\n  npm run ')
      expect(stderr).not.toContain('    at ')
      expect(await readdir(directory)).toEqual([])
    },
  )

  test('says in one line that it does not reach the database', async () => {
    const { code, stderr } = await run(['new-epoch'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Unable to open the database; .*ECONNREFUSED.*\n$/)
  })
})
