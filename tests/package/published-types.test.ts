import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const PROJECT = join(import.meta.dirname, '../..')
/** All that a frontend has: nothing of the server's own dependencies. */
const FRONTEND_PACKAGES = ['@trpc/server', '@trpc/client', 'superjson', 'copy-anything', 'zod']

const tsconfig = {
  compilerOptions: {
    target: 'esnext',
    module: 'nodenext',
    lib: ['esnext', 'dom', 'dom.iterable'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
  },
  include: ['*.ts'],
}

let consumer: string

beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'confab-consumer-'))
  const modules = join(consumer, 'node_modules')
  await mkdir(join(modules, '@trpc'), { recursive: true })
  for (const name of FRONTEND_PACKAGES) await copyPackage(modules, name)
  await run('npm', ['pack', '--silent', '--pack-destination', consumer], { cwd: PROJECT })
  const tarball = (await readdir(consumer)).find((file) => file.endsWith('.tgz'))
  await mkdir(join(modules, 'confab'))
  await run('tar', ['xzf', join(consumer, tarball ?? ''), '-C', join(modules, 'confab'), '--strip-components=1'])
  await writeFile(join(consumer, 'package.json'), JSON.stringify({ type: 'module' }))
  await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify(tsconfig))
}, 60_000)

afterAll(() => rm(consumer, { recursive: true, force: true }))

/** Copied, not linked: a link would resolve further packages in this project. */
async function copyPackage(modules: string, name: string): Promise<void> {
  await cp(join(PROJECT, 'node_modules', name), join(modules, name), { recursive: true })
}

/** The compiler's complaints about one file of the consumer. */
async function typeCheck(source: string): Promise<string> {
  await writeFile(join(consumer, 'frontend.ts'), source)
  const tsc = join(PROJECT, 'node_modules/.bin/tsc')
  const { stdout } = await run(tsc, ['-p', '.', '--pretty', 'false'], { cwd: consumer }).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return { stdout: error.stdout }
    throw error
  })
  return stdout
    .split('\n')
    .filter((line) => line.includes('error'))
    .join('\n')
}

describe('the package', () => {
  test('holds no TypeScript sources', async () => {
    const files = await readdir(join(consumer, 'node_modules/confab'), { recursive: true })
    expect(files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))).toEqual([])
    expect(files).toContain('dist/shared/index.js')
    expect(files).toContain('dist/migrations/0001-room-log.js')
    expect(files).toContain('dist/web/dist/index.html')
  })

  test('type-checks in a strict project without the server’s packages', async () => {
    const output = await typeCheck(await readFile(join(import.meta.dirname, 'frontend.ts'), 'utf8'))
    expect(output).toBe('')
  })

  test('knows every shape: a wrong input is an error, and so is a field that is not there', async () => {
    const output = await typeCheck(`
      import { createTRPCClient, httpLink } from '@trpc/client'
      import { transformer, type AppRouter } from 'confab/shared'
      const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/trpc', transformer })] })
      client.message.send.mutate({ roomId: 'r', clientId: 'c', contents: 'Hello' })
      client.room.create.mutate({ kind: 'direct', name: 'Engine room' })
      client.message.get.query({ roomId: 'r', messageId: 'm' }).then((message) => message.text)
      client.message.sent
    `)
    expect(output).toContain("'contents' does not exist")
    expect(output).toContain(`'"direct"' is not assignable to type '"channel" | "group"'`)
    expect(output).toContain("Property 'text' does not exist on type 'Message'")
    expect(output).toContain("Property 'sent' does not exist")
  })

  test('runs: the client and the reducers load without the server’s packages', async () => {
    const script = `
      import { applyRoomEvent, createChatClient, CHAT_ERRORS } from 'confab/shared'
      console.log(typeof applyRoomEvent, typeof createChatClient, CHAT_ERRORS.NOT_FOUND.code)
    `
    await writeFile(join(consumer, 'run.mjs'), script)
    const { stdout } = await run('node', ['run.mjs'], { cwd: consumer })
    expect(stdout.trim()).toBe('function function NOT_FOUND')
  })
})
