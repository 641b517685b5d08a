import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const PROJECT = join(import.meta.dirname, '../..')
/** All that a frontend has: nothing of the server's own dependencies. */
const FRONTEND_PACKAGES = ['@trpc/server', '@trpc/client', 'superjson', 'copy-anything', 'zod']
/** And what confab/react asks for besides. */
const REACT_PACKAGES = ['react', '@types/react', 'csstype', '@tanstack/react-query', '@tanstack/query-core']

const tsconfig = {
  compilerOptions: {
    target: 'esnext',
    module: 'nodenext',
    lib: ['esnext', 'dom', 'dom.iterable'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    jsx: 'react-jsx',
    types: [],
  },
  include: ['*.ts', '*.tsx'],
}

/** npm puts the project's tools first in the path of its scripts. */
const withTools = { ...process.env, PATH: `${join(PROJECT, 'node_modules/.bin')}${delimiter}${process.env['PATH']}` }

let consumer: string

beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'confab-consumer-'))
  const modules = join(consumer, 'node_modules')
  await mkdir(modules, { recursive: true })
  for (const name of [...FRONTEND_PACKAGES, ...REACT_PACKAGES]) await copyPackage(modules, name)
  // npm would run `prepare`, which rebuilds the page while other suites load it.
  await run(process.execPath, ['scripts/build-package.js'], { cwd: PROJECT, env: withTools })
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', consumer], { cwd: PROJECT })
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

/** The compiler's complaints about a consumer that consists of these files alone. */
async function typeCheck(sources: Record<string, string>): Promise<string> {
  for (const file of await readdir(consumer)) if (/\.tsx?$/.test(file)) await rm(join(consumer, file))
  for (const [file, source] of Object.entries(sources)) await writeFile(join(consumer, file), source)
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

  test('brings the page as it is for production, whatever the mode of the program that packs it', async () => {
    const assets = join(consumer, 'node_modules/confab/dist/web/dist/assets')
    const scripts = (await readdir(assets)).filter((file) => file.endsWith('.js'))
    const texts = await Promise.all(scripts.map((file) => readFile(join(assets, file), 'utf8')))
    expect(texts.join('')).toContain('getDerivedStateFromError')
    // What elements are made by in development, with the place of each in its source.
    expect(texts.join('')).not.toContain('jsxDEV')
  })

  test('type-checks in a strict project without the server’s packages', async () => {
    const sources = ['frontend.ts', 'frontend-react.tsx'].map(async (file) => {
      return [file, await readFile(join(import.meta.dirname, file), 'utf8')] as const
    })
    expect(await typeCheck(Object.fromEntries(await Promise.all(sources)))).toBe('')
  })

  test('does what docs/frontends.md says: each of its examples compiles', async () => {
    const page = await readFile(join(PROJECT, 'docs/frontends.md'), 'utf8')
    const examples = [...page.matchAll(/^```(tsx?)\n(.*?)^```$/gms)].map(([, kind, source]) => ({ kind, source }))
    expect(examples.length).toBeGreaterThanOrEqual(7)
    const files = examples.map(({ kind, source = '' }, index) => {
      // The first one is what the others import.
      const named = source.replaceAll("'./client'", "'./client.js'")
      return [index === 0 ? 'client.ts' : `example-${index}.${kind}`, named] as const
    })
    expect(await typeCheck(Object.fromEntries(files))).toBe('')
  })

  test('knows what the hooks give: a wrong use is an error', async () => {
    const output = await typeCheck({
      'wrong.tsx': `
        import { ConfabProvider, useMessages, useRoom } from 'confab/react'
        export function Room() {
          const room = useRoom('r')
          const { send } = useMessages('r')
          send({ contents: 'Hello' })
          return <ConfabProvider queryClient={room.state.room}>{room.cause}</ConfabProvider>
        }
      `,
    })
    expect(output).toContain("'contents' does not exist")
    expect(output).toContain("Property 'state' does not exist on type")
    expect(output).toContain("Property 'cause' does not exist on type")
  })

  test('knows every shape: a wrong input is an error, and so is a field that is not there', async () => {
    const output = await typeCheck({
      'wrong.ts': `
      import { createTRPCClient, httpLink } from '@trpc/client'
      import { transformer, type AppRouter } from 'confab/shared'
      const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/trpc', transformer })] })
      client.message.send.mutate({ roomId: 'r', clientId: 'c', contents: 'Hello' })
      client.room.create.mutate({ kind: 'direct', name: 'Engine room' })
      client.message.get.query({ roomId: 'r', messageId: 'm' }).then((message) => message.text)
      client.message.sent
    `,
    })
    expect(output).toContain("'contents' does not exist")
    expect(output).toContain(`'"direct"' is not assignable to type '"channel" | "group"'`)
    expect(output).toContain("Property 'text' does not exist on type 'Message<Meta>'")
    expect(output).toContain("Property 'sent' does not exist")
  })

  test('runs: the client, the reducers, the live stores and the hooks load without the server’s packages', async () => {
    const script = `
      import { applyRoomEvent, createChatClient, CHAT_ERRORS } from 'confab/shared'
      import { LiveChat, Outbox } from 'confab/client'
      import { ConfabProvider, useRoom } from 'confab/react'
      console.log(typeof applyRoomEvent, typeof createChatClient, CHAT_ERRORS.NOT_FOUND.code)
      console.log([LiveChat, Outbox, ConfabProvider, useRoom].map((each) => typeof each).join(' '))
    `
    await writeFile(join(consumer, 'run.mjs'), script)
    const { stdout } = await run('node', ['run.mjs'], { cwd: consumer })
    expect(stdout.trim()).toBe('function function NOT_FOUND\nfunction function function function')
  })
})
