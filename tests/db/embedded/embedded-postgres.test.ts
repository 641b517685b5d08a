import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client, type ClientConfig, Pool, type QueryResultRow } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from '../../../server/db/embedded/embedded-postgres.ts'
import { locatePostgresBinaries } from '../../../server/db/embedded/postgres-binaries.ts'
import { chooseLaunchMode } from '../../../server/db/embedded/postgres-launch-mode.ts'
import { launchPostmaster } from '../../../server/db/embedded/postmaster.ts'

const isRoot = process.geteuid?.() === 0
const urlOfModule = new URL('../../../server/db/embedded/embedded-postgres.ts', import.meta.url).href

vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 })

let root: string
/** Most tests open this one in turn, because making a cluster takes half a second. It has a table `kept` with the row 1. */
let sharedDir: string
let logged: string[] = []
let started: EmbeddedPostgres[] = []
let children: ChildProcess[] = []

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'confab-embedded-')))
  await chmod(root, 0o755)
  sharedDir = join(root, 'shared')
  const postgres = await start(sharedDir)
  await query(postgres.connection, 'CREATE TABLE kept AS SELECT 1 AS id')
  await postgres.stop()
})

afterEach(async () => {
  for (const postgres of started) await postgres.stop()
  for (const child of children) await killed(child)
  started = []
  children = []
  logged = []
  expect(await commandLinesWith(root)).toEqual([])
})

afterAll(async () => {
  await rm(root, { recursive: true, force: true })
})

describe('a start', () => {
  it('answers queries, with every setting on that keeps a committed row through a power cut', async () => {
    const { connection } = await start(sharedDir)
    const settings = await query<{ name: string; setting: string }>(
      connection,
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY 1`,
    )
    expect(settings.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      'fsync=on',
      'full_page_writes=on',
      'synchronous_commit=on',
    ])
    expect(logged).toEqual([])
  })

  it('gives the application a role that owns its database and may create others, but is no superuser', async () => {
    const { connection } = await start(sharedDir)
    const roles = await query<{ role: string; superuser: boolean; owner: string; encoding: string }>(
      connection,
      `SELECT current_user AS role, rolsuper AS superuser, pg_get_userbyid(datdba) AS owner,
              pg_encoding_to_char(encoding) AS encoding
       FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`,
    )
    expect(roles).toEqual([{ role: 'confab', superuser: false, owner: 'confab', encoding: 'UTF8' }])
    await query(connection, 'CREATE DATABASE another')
    expect(await query({ ...connection, database: 'another' }, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await query(connection, 'DROP DATABASE another')
    await expect(query({ ...connection, user: 'postgres' }, 'SELECT 1')).rejects.toThrow('no pg_hba.conf entry')
  })

  it('is refused in one line while another one has the same directory, which is not disturbed', async () => {
    const { connection } = await start(sharedDir)
    const refusal = await refusalOf(startEmbeddedPostgres({ dataDir: sharedDir, log: () => {} }))
    expect(refusal).toBe(`Unable to open ${sharedDir}; a server is running on it`)
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('refuses a cluster of another major version, and leaves it as it is', async () => {
    const dataDir = join(root, 'of-17')
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await writeFile(join(dataDir, 'postgres/PG_VERSION'), '17\n')
    const before = await stat(join(dataDir, 'postgres'))
    expect(await refusalOf(start(dataDir))).toMatch(/^Unable to open .*; Postgres 17 made it .* is 18, .*DATABASE_URL$/)
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(before.uid)
  })

  it('refuses a directory with other files in it', async () => {
    const dataDir = join(root, 'of-somebody')
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await writeFile(join(dataDir, 'postgres/thesis.txt'), 'precious')
    expect(await refusalOf(start(dataDir))).toMatch(/^Unable to use .*; it is not empty and not a Postgres cluster/)
    expect(await readFile(join(dataDir, 'postgres/thesis.txt'), 'utf8')).toBe('precious')
  })

  it('says what Postgres says when it cannot start, and releases the directory', async () => {
    const configuration = join(sharedDir, 'postgres/postgresql.auto.conf')
    const intact = await readFile(configuration, 'utf8')
    await writeFile(configuration, 'no_such_setting = 1\n')
    expect(await refusalOf(start(sharedDir))).toMatch(/^Unable to start Postgres on .*; .*errors/)
    await writeFile(configuration, intact)
    await start(sharedDir)
  })

  it.runIf(isRoot)('works as root, also below a directory that only root may enter', async () => {
    const home = join(root, 'home')
    await mkdir(home, { mode: 0o700 })
    const first = await start(join(home, 'data'))
    await query(first.connection, 'CREATE TABLE own AS SELECT 1 AS one')
    await first.stop()
    const again = await start(join(home, 'data'))
    expect(await query(again.connection, 'SELECT one FROM own')).toEqual([{ one: 1 }])
  })

  it.runIf(isRoot)('as root takes over a cluster whose files another user owns', async () => {
    await promisify(execFile)('chown', ['-R', '1234:1234', join(sharedDir, 'postgres')])
    const { connection } = await start(sharedDir)
    expect(await query(connection, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
  })

  it('gives a host that this and other processes can connect to where the path is too long for a socket', async () => {
    const { connection } = await start(join(root, 'd'.repeat(60), 'e'.repeat(60)))
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    const client = run(`
      const client = new pg.Client(${JSON.stringify(connection)})
      await client.connect()
      console.log((await client.query('SELECT current_user AS who')).rows[0].who)
      await client.end()
    `)
    expect(await firstLineOf(client)).toBe('confab')
  })
})

describe('a platform', () => {
  it.each([
    ['musl', { os: 'linux', arch: 'x64', glibcVersion: undefined }, /musl, use a glibc image or set DATABASE_URL$/],
    ['Windows', { os: 'win32', arch: 'x64', glibcVersion: undefined }, /on Windows; set DATABASE_URL$/],
    ['no binaries', { os: 'sunos', arch: 'sparc', glibcVersion: undefined }, /sunos-sparc .*, set DATABASE_URL$/],
  ])('with %s is refused in one line', async (_name, platform, message) => {
    expect(await refusalOf(locatePostgresBinaries(join(root, 'links'), platform))).toMatch(message)
  })
})

describe('a server that is killed', () => {
  it('holds its directory until then, and loses no committed row', async () => {
    const server = run(`
      const { startEmbeddedPostgres } = await import(${JSON.stringify(urlOfModule)})
      const { connection } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(sharedDir)}, log: console.log })
      const client = new pg.Client(connection)
      await client.connect()
      await client.query('CREATE TABLE committed AS SELECT 42 AS id')
      console.log('committed')
    `)
    expect(await firstLineOf(server)).toBe('committed')
    expect(await refusalOf(start(sharedDir))).toContain('a server is running on it')
    await killed(server)

    const { connection } = await start(sharedDir)
    expect(await query(connection, 'SELECT id FROM committed')).toEqual([{ id: 42 }])
  })

  it('may leave its Postgres running, which the next start stops', async () => {
    const orphan = await startOrphan()
    const { connection } = await start(sharedDir)
    expect(logged).toEqual([`stopping the Postgres (process ${orphan.pid}) that an earlier server left behind`])
    expect(await orphan.ended).toBe('exit code 0')
    expect(await query(connection, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
  })

  it('may leave a postmaster.pid whose process id is now a stranger, who is not signalled', async () => {
    const orphan = await startOrphan()
    const pidFile = await readFile(join(sharedDir, 'postgres/postmaster.pid'), 'utf8')
    const { uid, gid } = await stat(join(sharedDir, 'postgres'))
    const stranger = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' })
    children.push(stranger)
    process.kill(orphan.pid, 'SIGKILL')
    await orphan.ended
    await writeFile(join(sharedDir, 'postgres/postmaster.pid'), pidFile.replace(/^\d+/, String(stranger.pid)))

    const { connection } = await start(sharedDir)
    expect(await query(connection, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
    expect(stranger.exitCode ?? stranger.signalCode).toBe(null)
    expect(logged).toEqual([])
  })
})

describe('a Postgres that ends by itself', () => {
  it('comes back on the same socket, and a pool recovers', async () => {
    const { connection } = await start(sharedDir)
    const pool = new Pool({ ...connection, max: 4 })
    pool.on('error', () => {})
    try {
      await Promise.all(Array.from({ length: 4 }, () => pool.query('SELECT pg_sleep(0.01)')))
      const before = await postmasterPid(sharedDir)
      process.kill(before, 'SIGKILL')
      await vi.waitFor(async () => expect(await postmasterPid(sharedDir)).not.toBe(before), {
        interval: 5,
        timeout: 5_000,
      })
      const { rows } = await vi.waitFor(() => pool.query<{ id: number }>('SELECT id FROM kept'), {
        interval: 5,
        timeout: 5_000,
      })
      expect(rows).toEqual([{ id: 1 }])
      expect(logged).toEqual(['Postgres ended unexpectedly (SIGKILL); starting it again'])
    } finally {
      await pool.end()
    }
  })

  it('waits for a backend that has not noticed, because two Postgres on one cluster would corrupt it', async () => {
    const { connection } = await start(sharedDir)
    const logFile = join(sharedDir, 'postgres.log')
    const { length } = await readFile(logFile, 'utf8')
    const client = new Client(connection)
    client.on('error', () => {})
    await client.connect()
    const [backend] = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows
    if (backend === undefined) throw new Error('no backend')
    process.kill(backend.pid, 'SIGSTOP')
    try {
      process.kill(await postmasterPid(sharedDir), 'SIGKILL')
      await vi.waitFor(
        async () => expect((await readFile(logFile, 'utf8')).slice(length)).toContain('shared memory block'),
        { interval: 5, timeout: 5_000 },
      )
    } finally {
      process.kill(backend.pid, 'SIGCONT')
    }
    await vi.waitFor(() => query(connection, 'SELECT id FROM kept'), { interval: 5, timeout: 5_000 })
    expect(logged).toEqual(['Postgres ended unexpectedly (SIGKILL); starting it again'])
  })

  it('is tried again and again while it cannot start, until stop', async () => {
    const postgres = await start(sharedDir)
    await rename(join(sharedDir, 'postgres'), join(sharedDir, 'away'))
    process.kill(await postmasterPid(sharedDir, 'away'), 'SIGKILL')
    await vi.waitFor(() => expect(logged.length).toBeGreaterThan(2), { interval: 5, timeout: 5_000 })
    await postgres.stop()
    await rename(join(sharedDir, 'away'), join(sharedDir, 'postgres'))
    expect(logged[1]).toMatch(/^Postgres ended unexpectedly \(Unable to start Postgres on .*\); starting it again$/)
  })
})

describe('stop', () => {
  it('is idempotent, leaves no process, ends connections and releases the directory', async () => {
    const postgres = await start(sharedDir)
    const client = new Client(postgres.connection)
    client.on('error', () => {})
    await client.connect()
    const disconnected = new Promise((resolve) => client.once('end', resolve))
    const processes = await processesOf(await postmasterPid(sharedDir))
    expect(processes.length).toBeGreaterThan(3)

    await Promise.all([postgres.stop(), postgres.stop()])
    await postgres.stop()

    await disconnected
    expect(await aliveOf(processes)).toEqual([])
    await start(sharedDir)
  })

  it('ends a Postgres that has just been killed and is on its way back', async () => {
    const postgres = await start(sharedDir)
    process.kill(await postmasterPid(sharedDir), 'SIGKILL')
    await vi.waitFor(() => expect(logged).toHaveLength(1), { interval: 1, timeout: 5_000 })
    await postgres.stop()
    // What a killed postmaster has just begun ends by itself, as soon as it notices.
    await vi.waitFor(async () => expect(await commandLinesWith(sharedDir)).toEqual([]), { timeout: 10_000 })
  })
})

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log: (message) => logged.push(message) })
  started.push(postgres)
  return postgres
}

/** Runs Postgres on the shared cluster as a killed server would leave it, without anybody holding the directory. */
async function startOrphan(): Promise<{ pid: number; ended: Promise<string> }> {
  const binaries = await locatePostgresBinaries(join(sharedDir, 'links'))
  const { ended } = await launchPostmaster({
    directory: join(sharedDir, 'postgres'),
    binaries,
    mode: await chooseLaunchMode(binaries, sharedDir),
    logFile: join(sharedDir, 'postgres.log'),
    signal: new AbortController().signal,
  })
  return { pid: await postmasterPid(sharedDir), ended }
}

async function query<Row extends QueryResultRow>(connection: ClientConfig, text: string): Promise<Row[]> {
  const client = new Client(connection)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

async function refusalOf(starting: Promise<unknown>): Promise<string> {
  const error = await starting.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof EmbeddedPostgresError)) throw new Error('was not refused', { cause: error })
  expect(error.message).not.toContain('\n')
  return error.message
}

/** Runs a module in another process. `pg` is there for it. */
function run(source: string): ChildProcess {
  const pgPath = createRequire(import.meta.url).resolve('pg')
  const script = `import pg from ${JSON.stringify(pgPath)}\n${source}`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  let written = ''
  for await (const chunk of child.stdout ?? []) {
    written += String(chunk)
    if (written.includes('\n')) break
  }
  return written.trim()
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function postmasterPid(dataDir: string, cluster = 'postgres'): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, cluster, 'postmaster.pid'), 'utf8'), 10)
}

async function processesOf(postmaster: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  return [postmaster, ...pairs.filter(([, parent]) => parent === postmaster).flatMap(([pid]) => pid ?? [])]
}

/** Those that run: a zombie waits for its parent only. */
async function aliveOf(pids: readonly number[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,stat=,args='])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim())
  return lines.filter((line) => pids.includes(Number.parseInt(line, 10)) && !/^\d+\s+Z/.test(line))
}

async function commandLinesWith(text: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'args='])
  return stdout.split('\n').filter((line) => line.includes(text))
}
