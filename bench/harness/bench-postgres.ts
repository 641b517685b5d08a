import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../../server/db/embedded/embedded-postgres.ts'
import { parentNamed } from './process-usage.ts'

/** The one Postgres of all systems, and databases of their own on it. */
export interface BenchPostgres extends AsyncDisposable {
  /** As it calls itself: `18.4`. */
  readonly version: string
  readonly isEmbedded: boolean
  /** The process whose children are Postgres; 0 where it runs on another machine. */
  readonly postmaster: number
  createDatabase(): Promise<BenchDatabase>
}

export interface BenchDatabase extends AsyncDisposable {
  readonly url: string
}

/** DATABASE_URL where it is set, else an embedded one with its data in a temporary directory. */
export async function openBenchPostgres(): Promise<BenchPostgres> {
  const url = process.env['DATABASE_URL']
  if (url) return { ...(await connectTo(url, false)), [Symbol.asyncDispose]: async () => undefined }
  const dataDir = await mkdtemp(join(tmpdir(), 'confab-bench-'))
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined })
  const { host, port, user, database } = postgres.connection
  return {
    ...(await connectTo(`postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`, true)),
    async [Symbol.asyncDispose]() {
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function connectTo(url: string, isEmbedded: boolean) {
  const about = await query(
    url,
    `select current_setting('server_version') as version, pg_backend_pid() as pid`,
    (pid) => parentNamed(pid, 'postgres'),
  )
  let made = 0
  return {
    ...about,
    isEmbedded,
    async createDatabase(): Promise<BenchDatabase> {
      const name = `confab_bench_${process.pid}_${++made}`
      await query(url, `create database ${name}`)
      const own = new URL(url)
      own.pathname = `/${name}`
      return {
        url: own.href,
        // Not by force, which Postgres refuses while its own autovacuum is there; it waits for backends that are ending.
        [Symbol.asyncDispose]: async () => {
          await query(url, `drop database if exists ${name}`)
        },
      }
    },
  }
}

/** Runs one statement on a connection of its own; `findPostmaster` looks while that connection's process lives. */
async function query(
  url: string,
  statement: string,
  findPostmaster: (pid: number) => number = () => 0,
): Promise<{ version: string; postmaster: number }> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ version: string; pid: number }>(statement)
    return { version: rows[0]?.version ?? '', postmaster: findPostmaster(rows[0]?.pid ?? 0) }
  } finally {
    await client.end()
  }
}
