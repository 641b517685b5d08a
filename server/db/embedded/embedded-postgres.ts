import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { backOffMs, pauseFor } from '../../lib/pause.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { clearOrphan } from './orphaned-postgres.ts'
import { locatePostgresBinaries } from './postgres-binaries.ts'
import { APPLICATION, nameControlFile, prepareCluster, requireOwnCluster } from './postgres-cluster.ts'
import { chooseLaunchMode } from './postgres-launch-mode.ts'
import { launchPostmaster, type PostgresSettings, type Postmaster } from './postmaster.ts'

export { EmbeddedPostgresError }

/** A Postgres of this process's own. It is kept running, on the same socket, until `stop`. */
export interface EmbeddedPostgres {
  /** What `pg` needs to connect as the application's own role, which is no superuser: it owns the database and may CREATEDB. */
  readonly connection: { host: string; port: number; user: string; database: string; password?: string }
  /** Names the cluster's control file on this machine: a copy of DATA_DIR has another one. */
  readonly controlFile: string
  /** Ends it with a fast shutdown and releases DATA_DIR. Idempotent. */
  stop(): Promise<void>
}

type Log = (message: string) => void

/** Names the socket's file, `.s.PGSQL.5432`. The directory is the cluster's own, so no other Postgres can have it. */
const PORT = 5432
/** What the shortest sockaddr_un, that of macOS, holds beside the closing zero. */
const SOCKET_PATH_BYTES = 103

const BACK_OFF = { firstMs: 20, longestMs: 5_000 }
/** A Postgres that ran this long is started again at once; after a shorter run the wait doubles. */
const STEADY_MS = 10_000

export interface EmbeddedPostgresOptions {
  dataDir: string
  log: Log
  /** In place of some of its own, as for a Postgres whose data nobody keeps. */
  settings?: PostgresSettings
}

/**
 * Starts a Postgres that keeps its data under `dataDir`, makes it on the first start, and restarts it when it ends by itself.
 *
 * Under `dataDir`: `server.lock`, held while this process serves; `postgres`, the cluster; `postgres.log`.
 *
 * @throws EmbeddedPostgresError when another server has `dataDir`, its cluster is of another version, or Postgres cannot run here
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await start(options)
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error
    throw new EmbeddedPostgresError(`Unable to start Postgres on ${options.dataDir}; ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function start({ dataDir: givenDir, log, settings = {} }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  await using starting = new AsyncDisposableStack()
  await mkdir(givenDir, { recursive: true })
  // One spelling, whatever way leads there: an orphan is known by the path on its command line.
  const dataDir = await realpath(givenDir)
  const directory = join(dataDir, 'postgres')
  starting.use(lockDataDir(dataDir))

  const binaries = await locatePostgresBinaries(join(dataDir, 'postgres-lib'))
  await requireOwnCluster(directory, binaries)
  const mode = await chooseLaunchMode(binaries, dataDir)
  await clearOrphan(directory, log)
  await prepareCluster(directory, binaries, mode)
  const controlFile = await nameControlFile(directory)

  const { host } = starting.use(await openSocketDirectory(directory))
  const stopping = new AbortController()
  const launch = async () => {
    await clearOrphan(directory, log)
    const logFile = join(dataDir, 'postgres.log')
    return await launchPostmaster({ directory, binaries, mode, logFile, settings, signal: stopping.signal })
  }
  const supervision = supervise(await launch(), launch, stopping.signal, log)
  starting.defer(async () => {
    stopping.abort()
    await supervision
  })

  // From here `stop` disposes of it all, the last first; until here a failure does.
  const running = starting.move()
  let stopped: Promise<void> | undefined
  return {
    connection: { host, port: PORT, user: APPLICATION, database: APPLICATION },
    controlFile,
    stop: () => (stopped ??= running.disposeAsync()),
  }
}

/** Launches anew whenever the postmaster ends or a launch fails. Resolves, never rejects, once `signal` has ended the last one. */
async function supervise(
  first: Postmaster,
  launch: () => Promise<Postmaster>,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  let launching = Promise.resolve(first)
  let failures = 0
  for (;;) {
    const launchedAt = performance.now()
    const end = await launching.then(({ ended }) => ended, messageOf)
    if (signal.aborted) return
    log(`Postgres ended unexpectedly (${end}); starting it again`)
    const wasSteady = performance.now() - launchedAt > STEADY_MS
    failures = wasSteady ? 0 : failures + 1
    await pauseFor(backOffMs(BACK_OFF, failures), signal, { isRef: true })
    if (signal.aborted) return
    launching = launch()
  }
}

/**
 * The directory to name as `host`: the cluster's own, or, where a path to its socket is longer than a socket's address may be, a
 * short name for it that holds until disposed of. Other processes of the same user can connect through both.
 */
async function openSocketDirectory(directory: string): Promise<{ host: string } & AsyncDisposable> {
  if (Buffer.byteLength(join(directory, `.s.PGSQL.${PORT}`)) <= SOCKET_PATH_BYTES) {
    return { host: directory, [Symbol.asyncDispose]: async () => {} }
  }
  if (process.platform === 'linux') {
    const fd = openSync(directory, 'r')
    return { host: `/proc/${process.pid}/fd/${fd}`, [Symbol.asyncDispose]: async () => closeSync(fd) }
  }
  const link = await mkdtemp('/tmp/confab-')
  await symlink(directory, join(link, 'postgres'))
  return { host: join(link, 'postgres'), [Symbol.asyncDispose]: () => rm(link, { recursive: true }) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
