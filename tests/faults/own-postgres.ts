import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../server/db/embedded/embedded-postgres.ts'

/** The processes of a Postgres at one moment. */
export interface PostgresPids {
  postmaster: number | undefined
  /** Those that serve a connection. */
  backends: number[]
  others: number[]
}

/** A disk that is small enough to be filled. */
export interface SmallDisk {
  fill(): void
  free(): void
}

/** A Postgres to be broken: it comes back by itself when it is killed. */
export interface OwnPostgres extends AsyncDisposable {
  /** For the harness itself, past every proxy. */
  url: string
  socketPath: string
  pids(): PostgresPids
  /** Where a small file system could be mounted. */
  disk: SmallDisk | undefined
}

export async function startOwnPostgres({ diskMib }: { diskMib: number | undefined }): Promise<OwnPostgres> {
  await using starting = new AsyncDisposableStack()
  const dataDir = mkdtempSync(join(tmpdir(), 'confab-faults-'))
  starting.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const isMounted = diskMib !== undefined && mount(dataDir, diskMib)
  if (isMounted) starting.defer(() => void spawnSync('umount', ['--lazy', dataDir]))
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined })
  starting.defer(() => postgres.stop())
  const { host, port, user, database } = postgres.connection
  const running = starting.move()
  return {
    url: `postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`,
    socketPath: join(host, `.s.PGSQL.${port}`),
    pids: () => pidsOf(join(dataDir, 'postgres')),
    disk: isMounted ? smallDisk(dataDir) : undefined,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Whether it was permitted. */
const mount = (directory: string, mib: number): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=755`, 'confab-faults', directory]).status === 0

function smallDisk(directory: string): SmallDisk {
  const ballast = join(directory, 'ballast')
  return {
    fill: () => {
      const { bavail, bsize } = statfsSync(directory)
      spawnSync('fallocate', ['--length', `${bavail * bsize}`, ballast])
    },
    free: () => rmSync(ballast, { force: true }),
  }
}

function pidsOf(directory: string): PostgresPids {
  try {
    const postmaster = Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')[0])
    // After its end the file may name whoever starts another one, which is this process.
    if (readFileSync(`/proc/${postmaster}/comm`, 'utf8').trim() !== 'postgres')
      throw new Error('There is no postmaster')
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ')
    const { backends = [], others = [] } = Object.groupBy(children.map(Number).filter(Boolean), (pid) =>
      isBackend(pid) ? 'backends' : 'others',
    )
    return { postmaster, backends, others }
  } catch {
    // It is just ending, or starting.
    return { postmaster: undefined, backends: [], others: [] }
  }
}

/** By its title: a backend's names the role and the database. */
function isBackend(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: confab confab')
  } catch {
    return false
  }
}
