import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readFile, rm, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const VERSIONS = '/usr/lib/postgresql'
const OLDEST = 15
const PROGRAMS = ['initdb', 'pg_ctl', 'pg_basebackup', 'pg_dump', 'psql']
/** Postgres refuses root, and initdb needs a user who has a name. */
const NOBODY = 65_534
const identity = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }
const PORT = 5432

/** The folder of the newest Postgres that is installed on this machine with all its programs. */
export function findInstalledPostgres(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number) : []
  return versions
    .filter((version) => version >= OLDEST)
    .sort((a, b) => b - a)
    .map((version) => join(VERSIONS, `${version}/bin`))
    .find((folder) => PROGRAMS.every((program) => existsSync(join(folder, program))))
}

/** A cluster of one's own, of the Postgres that is installed. */
export interface InstalledPostgres {
  /** Where its socket lies. */
  host: string
  url(database: string): string
  /** Ends it as a machine that dies. */
  kill(): Promise<void>
  /** Makes a replica a primary; resolves when it takes writes. */
  promote(): Promise<void>
  /** Keeps the next checkpoint from ending, until the returned function is called. */
  holdCheckpoint(): Promise<() => void>
}

/** Clusters of one's own, which end with it. */
export interface InstalledClusters extends AsyncDisposable {
  /** A folder that they may write to. */
  root: string
  /** Runs one of their programs. */
  run(program: string, ...args: string[]): Promise<void>
  create(name: string): Promise<InstalledPostgres>
  /** A streaming replica. */
  replicate(primary: InstalledPostgres, name: string): Promise<InstalledPostgres>
  /** An address that can be led to another of them. */
  movingAddress(first: InstalledPostgres): Promise<MovingAddress>
}

export interface MovingAddress {
  url: string
  leadTo(other: InstalledPostgres): Promise<void>
}

export async function openInstalledClusters(programs: string): Promise<InstalledClusters> {
  await using opening = new AsyncDisposableStack()
  const root = await mkdtemp(join(tmpdir(), 'confab-clusters-'))
  opening.defer(() => rm(root, { recursive: true, force: true }))
  await give(root)
  const run = async (program: string, ...args: string[]) => {
    await promisify(execFile)(join(programs, program), args, { ...identity, cwd: root, timeout: 30_000, env: ENV })
  }
  const running = opening.move()

  /** The socket does not lie with the data, whose base backup would hold its lock. */
  async function start(name: string): Promise<InstalledPostgres> {
    const directory = join(root, name)
    const host = join(root, `${name}-socket`)
    await mkdir(host)
    await give(host)
    const settings = `-c listen_addresses='' -c unix_socket_directories=${host} -c port=${PORT}`
    const control = (...args: string[]) => run('pg_ctl', '-D', directory, '-w', ...args)
    await control('-l', join(root, `${name}.log`), '-o', settings, 'start')
    const kill = async () => {
      if (existsSync(join(directory, 'postmaster.pid'))) await control('-m', 'immediate', 'stop')
    }
    running.defer(kill)
    return {
      host,
      url: (database) => urlOf(host, database),
      kill,
      promote: () => control('promote'),
      holdCheckpoint: async () => {
        const pid = await checkpointerOf(directory)
        process.kill(pid, 'SIGSTOP')
        return () => process.kill(pid, 'SIGCONT')
      },
    }
  }

  return {
    root,
    run,
    create: async (name) => {
      const options = ['-U', 'confab', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
      await run('initdb', '-D', join(root, name), ...options)
      return start(name)
    },
    replicate: async ({ host }, name) => {
      const options = ['-U', 'confab', '-R', '-X', 'stream', '-c', 'fast', '--no-sync']
      await run('pg_basebackup', '-h', host, '-D', join(root, name), ...options)
      return start(name)
    },
    movingAddress: async (first) => {
      const address = join(root, 'current')
      await symlink(first.host, address)
      const leadTo = async ({ host }: InstalledPostgres) => {
        await unlink(address)
        await symlink(host, address)
      }
      return { url: urlOf(address, 'postgres'), leadTo }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const urlOf = (host: string, database: string) => `postgres://confab@${encodeURIComponent(host)}:${PORT}/${database}`

async function give(path: string): Promise<void> {
  if (identity.uid !== undefined) await chown(path, identity.uid, identity.gid)
}

async function checkpointerOf(directory: string): Promise<number> {
  const postmaster = Number((await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n')[0])
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
  for (const pid of children.trim().split(' ').map(Number)) {
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('checkpointer')) return pid
  }
  throw new Error('There is no checkpointer')
}
