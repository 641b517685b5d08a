import { execFile } from 'node:child_process'
import { chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'

/** A way to run Postgres's programs as a user that Postgres accepts; it refuses root. */
export interface PostgresLaunchMode {
  readonly name: string
  /** The command in front of the program and its arguments. It ends in exec, so the process id is the program's own. */
  readonly wrapper: readonly string[]
  /** The identity that Node itself sets when it spawns. */
  readonly identity: { readonly uid?: number; readonly gid?: number }
  /** The required owner of the cluster's files, as seen from this process. */
  readonly owner: { readonly uid: number; readonly gid: number }
}

/** `nobody`: initdb needs a user with a name, and on Linux this id has one. */
const NOBODY = 65_534

// The kernel interrupts Postgres, which causes a fast shutdown, when the server dies: even a kill -9 leaves no orphan.
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'INT']
const AS_NOBODY = [...DIE_WITH_PARENT, '--clear-groups', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`]

/**
 * Finds the first mode that works here by running `postgres` on a directory inside `dataDir`. Whether it can reach its binaries
 * and files depends on the directories above both, on capabilities, and on installed programs.
 *
 * @throws EmbeddedPostgresError with the failure of each mode
 */
export async function chooseLaunchMode(binaries: PostgresBinaries, dataDir: string): Promise<PostgresLaunchMode> {
  const failures: string[] = []
  for (const mode of process.geteuid?.() === 0 ? modesOfRoot() : modesOfUser()) {
    const failure = await probe(mode, binaries, dataDir)
    if (failure === undefined) return mode
    failures.push(`${mode.name}: ${failure}`)
  }
  throw new EmbeddedPostgresError(
    `Unable to run Postgres on ${dataDir}; try another DATA_DIR, another user, or set DATABASE_URL (${failures.join(' | ')})`,
  )
}

/** The program, arguments and options that `spawn` and `execFile` take to run `program` in this mode. */
export function commandInMode(
  mode: PostgresLaunchMode,
  binaries: PostgresBinaries,
  program: 'postgres' | 'initdb',
  args: readonly string[],
) {
  const [command = binaries[program], ...rest] = [...mode.wrapper, binaries[program], ...args]
  // The user that Postgres runs as may be unable to enter the server's working directory.
  return { command, args: rest, options: { ...mode.identity, cwd: '/', env: binaries.env } }
}

function modesOfUser(): PostgresLaunchMode[] {
  const owner = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
  return [
    { name: 'setpriv', wrapper: DIE_WITH_PARENT, identity: {}, owner },
    { name: 'direct', wrapper: [], identity: {}, owner },
  ]
}

function modesOfRoot(): PostgresLaunchMode[] {
  const nobody = { uid: NOBODY, gid: NOBODY }
  return [
    { name: 'setpriv as nobody', wrapper: AS_NOBODY, identity: {}, owner: nobody },
    { name: 'spawn as nobody', wrapper: [], identity: nobody, owner: nobody },
    modeWithCapability('dac_read_search'),
    modeWithCapability('dac_override'),
    {
      // Comes last because Postgres is still root to the files: a user namespace only shows it another name.
      name: 'unshare',
      wrapper: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, ...DIE_WITH_PARENT],
      identity: {},
      owner: { uid: 0, gid: 0 },
    },
  ]
}

/** For a project or data below a directory that only root may enter, such as /root: nobody, with a capability to pass it. */
function modeWithCapability(capability: 'dac_read_search' | 'dac_override'): PostgresLaunchMode {
  const sets = ['--inh-caps', '--ambient-caps', '--bounding-set'].map((set) => `${set}=-all,+${capability}`)
  return {
    name: `setpriv with ${capability}`,
    wrapper: [...AS_NOBODY, '--securebits=+no_setuid_fixup', ...sets],
    identity: {},
    owner: { uid: NOBODY, gid: NOBODY },
  }
}

async function probe(
  mode: PostgresLaunchMode,
  binaries: PostgresBinaries,
  dataDir: string,
): Promise<string | undefined> {
  const directory = join(dataDir, 'postgres-probe')
  try {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { mode: 0o700 })
    const configuration = join(directory, 'postgresql.conf')
    await writeFile(configuration, '')
    for (const path of [configuration, directory]) await chown(path, mode.owner.uid, mode.owner.gid)
    const { command, args, options } = commandInMode(mode, binaries, 'postgres', [
      '-D',
      directory,
      '-C',
      'data_directory',
    ])
    await promisify(execFile)(command, args, { ...options, timeout: 10_000 })
    // This process must be able to enter Postgres's directory as well, for the socket.
    await readdir(directory)
    return undefined
  } catch (error) {
    return failureOf(error)
  } finally {
    await chown(directory, process.geteuid?.() ?? 0, process.getegid?.() ?? 0).catch(() => {})
    await rm(directory, { recursive: true, force: true })
  }
}

/** The failure of an `execFile` in one line: the program's first error or last output, otherwise Node's own message. */
export function failureOf(error: unknown): string {
  const written = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  const lines = (written || (error instanceof Error ? error.message : String(error))).split('\n')
  return lines.find((line) => /error:|FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? ''
}
