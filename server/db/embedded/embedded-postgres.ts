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

/** A Postgres owned by this process. It is kept running, on the same socket, until `stop`. */
export interface EmbeddedPostgres {
  /** Connection settings for `pg`, as the application's own role: it is no superuser, owns the database and has CREATEDB. */
  readonly connection: { host: string; port: number; user: string; database: string; password?: string }
  /** Identifies the cluster's control file on this machine; a copy of DATA_DIR has another one. */
  readonly controlFile: string
  /** Stops Postgres with a fast shutdown and releases DATA_DIR. Idempotent. */
  stop(): Promise<void>
}

type Log = (message: string) => void

/** Determines the name of the socket file, `.s.PGSQL.5432`. Each cluster has a directory of its own, so ports never collide. */
const PORT = 5432
/** Capacity of the shortest sockaddr_un, that of macOS, without the terminating zero. */
const SOCKET_PATH_BYTES = 103

const BACK_OFF = { firstMs: 20, longestMs: 5_000 }
/** A Postgres that ran this long is restarted at once; after a shorter run the wait doubles. */
const STEADY_MS = 10_000

export interface EmbeddedPostgresOptions {
  dataDir: string
  log: Log
  /** In place of some of its own, as for a Postgres whose data nobody keeps. */
  settings?: PostgresSettings
}

/**
 * Starts a Postgres that keeps its data under `dataDir`. Creates the cluster on the first start, and restarts Postgres when it
 * ends unexpectedly.
 *
 * Under `dataDir`: `server.lock`, held while this process serves; `postgres`, the cluster; `postgres.log`.
 *
 * @throws EmbeddedPostgresError if another server holds `dataDir`, its cluster has another version, or Postgres can't run here
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
  // Resolves links: an orphan is recognized by the path on its command line.
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

  // From here on `stop` disposes of everything, in reverse order; before this, a failure does.
  const running = starting.move()
  let stopped: Promise<void> | undefined
  return {
    connection: { host, port: PORT, user: APPLICATION, database: APPLICATION },
    controlFile,
    stop: () => (stopped ??= running.disposeAsync()),
  }
}

/** Relaunches when the postmaster ends or a launch fails. Resolves, and never rejects, once `signal` has ended the last one. */
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
 * The directory to use as `host`: the cluster's own, or a short alias if the path of its socket exceeds the limit for addresses.
 * The alias exists until it is disposed of. Other processes of the same user can connect through either.
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
