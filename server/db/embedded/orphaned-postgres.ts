import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { readPostmasterFile } from './postmaster.ts'

const POLL_MS = 5
const FAST_SHUTDOWN_MS = 20_000
const GIVE_UP_MS = 30_000

/**
 * Cleans up after a server that was killed, before a new Postgres starts. Requires the lock of DATA_DIR.
 *
 * Its Postgres may still run: it is stopped, not adopted, because this process could not observe its end. Or only postmaster.pid
 * is left. Its process id may now belong to an unrelated process, which is almost certain in a container. That process is never
 * signalled. Postgres would mistake it for a rival, so the file is rewritten with this process's id, which Postgres accepts
 * because it is the id of its parent. The file itself is kept, since it also names the shared memory by which Postgres finds
 * backends that outlived their postmaster: without it a second Postgres would start beside them and corrupt the data.
 */
export async function clearOrphan(directory: string, log: (message: string) => void): Promise<void> {
  const lines = await readPostmasterFile(directory)
  if (lines === undefined) return
  const orphan = { pid: Number(lines[0]), startedAt: Number(lines[2]), directory }
  if (await isRunning(orphan)) {
    log(`stopping the Postgres (process ${orphan.pid}) that an earlier server left behind`)
    await shutDown(orphan)
    return
  }
  await writeFile(join(directory, 'postmaster.pid'), [process.pid, ...lines.slice(1)].join('\n'))
  await rm(join(directory, '.s.PGSQL.5432.lock'), { force: true })
}

interface Orphan {
  readonly pid: number
  /** In seconds since 1970. */
  readonly startedAt: number
  readonly directory: string
}

async function shutDown(orphan: Orphan): Promise<void> {
  const start = performance.now()
  let hasQuit = false
  process.kill(orphan.pid, 'SIGINT')
  while (await isRunning(orphan)) {
    const waited = performance.now() - start
    if (waited > GIVE_UP_MS) {
      throw new EmbeddedPostgresError(
        `Unable to stop the Postgres that an earlier server left behind; end process ${orphan.pid} manually`,
      )
    }
    if (waited > FAST_SHUTDOWN_MS && !hasQuit) {
      process.kill(orphan.pid, 'SIGQUIT')
      hasQuit = true
    }
    await delay(POLL_MS)
  }
}

/** Whether this exact Postgres is alive: its process id could belong to any process. */
async function isRunning(orphan: Orphan): Promise<boolean> {
  if (!(orphan.pid > 0)) return false
  try {
    return await (process.platform === 'linux' ? isRunningOnLinux(orphan) : isRunningElsewhere(orphan))
  } catch {
    return false // there is no such process
  }
}

async function isRunningOnLinux({ pid, startedAt, directory }: Orphan): Promise<boolean> {
  // A zombie's command line is empty.
  const [program = '', flag, path] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  if (basename(program) !== 'postgres' || flag !== '-D' || path !== directory) return false
  // Another directory behind another mount may have the same name. proc(5): field 22, in ticks, of which Linux shows 100 a
  // second.
  const processStat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const ticks = Number(processStat.slice(processStat.lastIndexOf(')') + 2).split(' ')[19])
  const bootedAt = Number(/^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1])
  const seconds = Math.abs(bootedAt + ticks / 100 - startedAt)
  return !(seconds > 3)
}

async function isRunningElsewhere({ pid, directory }: Orphan): Promise<boolean> {
  const { stdout } = await promisify(execFile)('/bin/ps', ['-ww', '-o', 'command=', '-p', String(pid)])
  return stdout.includes(`/postgres -D ${directory} `)
}
