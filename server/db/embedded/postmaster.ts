import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { commandInMode, type PostgresLaunchMode } from './postgres-launch-mode.ts'

/** The parent of all Postgres processes, which accepts connections. */
export interface Postmaster {
  /** Resolves, and never rejects, when it has ended for any reason, with a description: 'SIGKILL', 'exit code 1'. */
  readonly ended: Promise<string>
}

/** As Postgres names them. */
export type PostgresSettings = Readonly<Record<string, string | number>>

export interface PostmasterOptions {
  readonly directory: string
  readonly binaries: PostgresBinaries
  readonly mode: PostgresLaunchMode
  readonly logFile: string
  /** In place of some of its own. */
  readonly settings?: PostgresSettings
  /** Ends the postmaster, ready or not, with a fast shutdown: transactions roll back, committed rows are on disk. */
  readonly signal: AbortSignal
}

/** Interval for reading the postmaster's file until it says `ready`; a warm start takes about 30 ms. */
const POLL_MS = 3
/**
 * A fast shutdown waits for the disk. After this time Postgres is told to exit without a checkpoint and to recover on its next
 * start.
 */
const SHUTDOWN_PATIENCE_MS = 20_000
/** Time that the backends of a killed postmaster may take to notice. */
const BACKENDS_PATIENCE_MS = 10_000
const LOG_FILE_BYTES = 16 * 1024 * 1024

/**
 * Starts Postgres on a cluster and resolves when it accepts connections, after any recovery that it needs.
 *
 * Call it on the main thread: the kernel treats the spawning thread as the parent with which Postgres dies.
 *
 * @throws EmbeddedPostgresError with Postgres's own last message if it ends instead
 */
export async function launchPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const deadline = performance.now() + BACKENDS_PATIENCE_MS
  for (;;) {
    try {
      return await launchOnce(options)
    } catch (error) {
      // The backends of a killed postmaster hold its shared memory until they notice. Postgres refuses to start beside them.
      const isHeld =
        error instanceof EmbeddedPostgresError && error.message.includes('pre-existing shared memory block')
      if (!isHeld || performance.now() > deadline) throw error
      await delay(POLL_MS * 10, undefined, { signal: options.signal })
    }
  }
}

async function launchOnce(postmaster: PostmasterOptions): Promise<Postmaster> {
  const { directory, binaries, mode, logFile, signal } = postmaster
  const given = { ...SETTINGS, ...postmaster.settings }
  const settings = Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { command, args, options } = commandInMode(mode, binaries, 'postgres', ['-D', directory, ...settings])
  // A file instead of a pipe: a pipe that is not drained would block every query after some hundred messages.
  await using log = await openLog(logFile)
  const { size: logStart } = await log.stat()
  signal.throwIfAborted()
  // Runs in its own session: Ctrl-C is meant for the server, which still needs its database to drain.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log.fd, log.fd] })
  const ended = endOf(child, signal)
  try {
    while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      if (await isReady(directory, child.pid)) return { ended }
      await delay(POLL_MS)
    }
  } catch (error) {
    child.kill('SIGINT')
    await ended
    throw error
  }
  const end = await ended
  throw new EmbeddedPostgresError(
    `Unable to start Postgres on ${directory}; ${(await lastWords(logFile, logStart, child.pid)) ?? end}`,
  )
}

/** Call it before awaiting anything else: a child that fails ends at once and reports it only once. */
function endOf(child: ChildProcess, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    let patience: NodeJS.Timeout | undefined
    const shutDown = () => {
      child.kill('SIGINT')
      patience = setTimeout(() => child.kill('SIGQUIT'), SHUTDOWN_PATIENCE_MS)
    }
    const end = (how: string) => {
      clearTimeout(patience)
      signal.removeEventListener('abort', shutDown)
      resolve(how)
    }
    if (signal.aborted) shutDown()
    signal.addEventListener('abort', shutDown)
    child.on('exit', (code, exitSignal) => end(exitSignal ?? `exit code ${code}`))
    // It could not be spawned, or can't be signalled; there is nothing to wait for in either case.
    child.on('error', (error) => end(error.message))
  })
}

async function isReady(directory: string, pid: number): Promise<boolean> {
  const lines = await readPostmasterFile(directory)
  return lines?.[0] === String(pid) && lines[7] === 'ready'
}

/**
 * The lines of postmaster.pid, or undefined if there is none: process id, directory, start time in seconds, port, socket
 * directory, address, shared memory, state. https://www.postgresql.org/docs/18/storage-file-layout.html,
 * src/include/utils/pidfile.h
 */
export async function readPostmasterFile(directory: string): Promise<string[] | undefined> {
  try {
    const content = await readFile(join(directory, 'postmaster.pid'), 'utf8')
    return content.split('\n').map((line) => line.trim())
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Keeps at most two files of about LOG_FILE_BYTES. A running Postgres writes little; see log_min_messages. */
async function openLog(path: string): Promise<FileHandle> {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  )
  if (size > LOG_FILE_BYTES) await rename(path, `${path}.old`)
  return await open(path, 'a', 0o600)
}

/**
 * The reason that Postgres logged for its end: that of the postmaster itself, otherwise of one of its processes, such as
 * recovery. Backends of the previous postmaster may still be writing to the same file.
 */
async function lastWords(logFile: string, start: number, pid: number | undefined): Promise<string | undefined> {
  const lines = (await readFile(logFile)).subarray(start).toString('utf8').trim().split('\n')
  const fatal = lines.filter((line) => /(FATAL|PANIC):/.test(line))
  const line = fatal.findLast((text) => text.includes(` [${pid}] `)) ?? fatal.at(-1) ?? lines.at(-1)
  return line?.replace(/^.*(FATAL|PANIC):\s*/, '') || undefined
}

/** Passed on the command line, so that a release brings its own settings and a cluster keeps none of an older release. */
const SETTINGS = {
  // A socket in the cluster's directory, relative because an absolute path may be too long to bind. No port, no network.
  listen_addresses: '',
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  // Shared by several processes: they use 80, and tests run several servers.
  max_connections: 120,
  // These would be reserved out of max_connections for superusers, none of whom can log in.
  superuser_reserved_connections: 0,
  shared_buffers: '32MB',
  // An acknowledged commit survives a power failure.
  fsync: 'on',
  synchronous_commit: 'on',
  // Nothing replicates from here: writes the least WAL and runs no process for it.
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_logical_replication_workers: 0,
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  // Chat's statements are short: parallel workers or compilation cost more than they save.
  io_method: 'sync',
  max_parallel_workers_per_gather: 0,
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  // Logs starts, ends and crashes. A failed statement is logged by its client; here it would only grow the file.
  log_min_messages: 'log',
  log_checkpoints: 'off',
}
