import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, lchown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { commandInMode, failureOf, type PostgresLaunchMode } from './postgres-launch-mode.ts'

/** The application's role and the database that it owns. No other role can log in. */
export const APPLICATION = 'confab'

/**
 * Refuses, before anything is changed, a directory that holds anything but a cluster of the binaries' major version, or that this
 * user may not open.
 */
export async function requireOwnCluster(directory: string, binaries: PostgresBinaries): Promise<void> {
  if (!existsSync(directory)) return
  const user = process.geteuid?.()
  const { uid } = await stat(directory)
  if (user !== 0 && user !== uid) {
    // Happens after a start as root, which gives the cluster to nobody.
    throw new EmbeddedPostgresError(`Unable to open ${directory}; it belongs to user ${uid}, give it to user ${user}`)
  }
  const files = await readdir(directory)
  if (files.length === 0) return
  if (!files.includes('PG_VERSION')) {
    throw new EmbeddedPostgresError(
      `Unable to use ${directory}; it is not empty and not a Postgres cluster, choose another DATA_DIR`,
    )
  }
  const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim()
  if (version === binaries.majorVersion) return
  throw new EmbeddedPostgresError(
    `Unable to open ${directory}; Postgres ${version} made it and the embedded one is ${binaries.majorVersion}, ` +
      'choose another DATA_DIR or set DATABASE_URL',
  )
}

/** Creates the cluster if there is none, and gives its files to the user that `mode` runs as. Nothing may be running on it. */
export async function prepareCluster(
  directory: string,
  binaries: PostgresBinaries,
  mode: PostgresLaunchMode,
): Promise<void> {
  if (!existsSync(join(directory, 'PG_VERSION'))) await createCluster(directory, binaries, mode)
  await writeAccessRules(directory, mode)
  if ((await stat(directory)).uid !== mode.owner.uid) await changeOwner(directory, mode)
}

/**
 * The inode and creation time of the control file. Postgres writes the file in place, so both survive restarts, reboots and moves
 * within the file system. A copy has different ones, even if it replaces the original. The device is left out because reboots and
 * remounts can renumber devices; the creation time tells apart equal inode numbers on different devices. On a file system with
 * unstable inode numbers each start looks like a copy, which only costs clients a `reset`. A copy that keeps both, such as a
 * snapshot of the volume, requires `npm run new-epoch`.
 */
export async function nameControlFile(directory: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(join(directory, 'global/pg_control'), { bigint: true })
  return `${ino}/${birthtimeNs}`
}

/** All or nothing: the cluster gets its name once it is complete and on disk, so a kill in between only costs the work. */
async function createCluster(directory: string, binaries: PostgresBinaries, mode: PostgresLaunchMode): Promise<void> {
  const draft = `${directory}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await chown(draft, mode.owner.uid, mode.owner.gid)
  const run = async (program: 'postgres' | 'initdb', programArgs: string[], input = '') => {
    const { command, args, options } = commandInMode(mode, binaries, program, programArgs)
    const running = promisify(execFile)(command, args, options)
    // A program that ends before reading its input reports the reason by its exit code.
    running.child.stdin?.on('error', () => {}).end(input)
    await running
  }
  try {
    await run('initdb', ['-D', draft, ...INITDB_OPTIONS])
    await run('postgres', ['--single', '-D', draft, ...SINGLE_USER_OPTIONS, 'template1'], CREATE_APPLICATION)
    await run('initdb', ['-D', draft, '--sync-only'])
  } catch (error) {
    throw new EmbeddedPostgresError(`Unable to create a Postgres cluster in ${directory}; ${failureOf(error)}`, {
      cause: error,
    })
  }
  await rename(draft, directory)
  await syncDirectory(dirname(directory))
}

// Builtin C.UTF-8 sorts the same on every system, so indexes survive a move of the directory to another image.
const INITDB_OPTIONS = [
  '--username=postgres',
  '--auth=trust',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--wal-segsize=4',
  '--no-sync',
  '--no-instructions',
]

const SINGLE_USER_OPTIONS = ['fsync=off', 'exit_on_error=on', 'wal_level=minimal', 'max_wal_senders=0'].flatMap(
  (setting) => ['-c', setting],
)

const CREATE_APPLICATION = `
CREATE ROLE ${APPLICATION} LOGIN CREATEDB;
CREATE DATABASE ${APPLICATION} OWNER ${APPLICATION};
`.trimStart()

/**
 * Grants access without a password that somebody would have to keep. The socket is in a directory that only its owner can enter,
 * which is enough if Postgres runs as the server's own user. If it runs as nobody, which other programs share, the kernel
 * identifies the connecting user and only the server's user is accepted.
 */
async function writeAccessRules(directory: string, mode: PostgresLaunchMode): Promise<void> {
  const shared = mode.owner.uid !== process.geteuid?.()
  await writeFile(join(directory, 'pg_hba.conf'), `local all ${APPLICATION} ${shared ? 'peer map=server' : 'trust'}\n`)
  await writeFile(join(directory, 'pg_ident.conf'), shared ? `server "${userInfo().username}" ${APPLICATION}\n` : '')
}

/** Changes the directory itself last: its owner marks everything within as done. */
async function changeOwner(directory: string, { owner }: PostgresLaunchMode): Promise<void> {
  for (const path of await readdir(directory, { recursive: true })) {
    await lchown(join(directory, path), owner.uid, owner.gid)
  }
  await chown(directory, owner.uid, owner.gid)
}

/** A rename is on disk once its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
