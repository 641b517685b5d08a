import { hash } from 'node:crypto'
import { callbackify } from 'node:util'
import { type Compilable, Kysely, PostgresDialect, sql } from 'kysely'
import type { Pool, PoolClient, PoolConfig, QueryResultRow } from 'pg'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { isFlag, isNumber, isText, type Shape } from '../lib/checks.ts'
import { checkRows, readRows } from './checked-rows.ts'
import { DiskWatch } from './disk-watch.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/embedded-postgres.ts'
import { History, StandbyError } from './history.ts'
import { noticeCopy, renewEpochSalt } from './installation.ts'
import { migrate, migrateJobs } from './migrate.ts'
import { createJobPool, createPatientPool, createPool, createWriterPool } from './pool.ts'
import type { Db, Tables } from './schema.ts'

/** Connections of one pool to Postgres. */
export interface PoolUse {
  pool: string
  max: number
  used: number
  idle: number
  /** Statements that wait for a connection. */
  waiting: number
}

/** The database is reachable but can't serve Confab. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
}

const MIN_VERSION = 15

/**
 * The connection to Postgres. The first query opens it: starts the embedded server if no DATABASE_URL is set, checks the server,
 * and migrates. `epochOf` works from then on.
 */
export class Database {
  readonly db: Db
  readonly #disk = new DiskWatch()
  readonly #config: Config
  readonly #log: Logger
  readonly #poolSize: number | undefined
  #embedded: EmbeddedPostgres | undefined
  readonly #history: History
  #opening: Promise<Pool> | undefined
  #steps: string[] = []
  #pool: Pool | undefined
  #target: PoolConfig | undefined
  #isClosing = false
  #writers: { impatient: Pool; patient: Pool } | undefined
  /** All pools by name, while they are open. */
  #pools: [name: string, pool: Pool][] = []

  constructor(config: Config, log: Logger, poolSize?: number) {
    this.#config = config
    this.#poolSize = poolSize
    this.#log = log
    this.#history = new History(() => log.warn('the database has another history; clients fetch everything again'))
    this.db = new Kysely<Tables>({
      dialect: new PostgresDialect({
        pool: () => (this.#opening ??= this.#open().catch((error: unknown) => this.#failed(error))),
      }),
      log: (event) => {
        if (event.level === 'error') this.#disk.note(event.error)
      },
    })
  }

  /** The use of each pool; empty before the database is open. */
  get poolUse(): PoolUse[] {
    return this.#pools.map(([name, pool]) => useOf(name, pool))
  }

  /** Resolves when the database is migrated and answers. */
  async open(): Promise<void> {
    await sql`select 1`.execute(this.db)
  }

  /** Whether Postgres has room to write, as far as is known; see `DiskWatch`. @throws if the database is away */
  hasRoom(): Promise<boolean> {
    return this.#disk.hasRoom(this.db)
  }

  /** Migrates the database to this version and returns the names of the applied steps. */
  async migrate(): Promise<string[]> {
    await this.open()
    return this.#steps
  }

  /**
   * Runs a statement that each connection prepares once, and checks the rows against `row` if given. It waits at most 200 ms for
   * a lock, or 3 s if patient, and then fails with SQLSTATE 55P03.
   */
  async prepared<R extends QueryResultRow>(
    statement: { name: string; text: string },
    values: unknown[],
    { isPatient, row }: { isPatient: boolean; row?: Shape<R> },
  ): Promise<R[]> {
    if (!this.#writers) await this.open()
    if (!this.#writers) throw new DatabaseError('Unable to write; the database is closed')
    const { patient, impatient } = this.#writers
    try {
      const { rows } = await (isPatient ? patient : impatient).query<R>({ ...statement, values })
      return row ? checkRows(row, rows) : rows
    } catch (error) {
      this.#disk.note(error)
      throw error
    }
  }

  /**
   * Runs a query that each connection plans once for all parameters. Only for queries whose best plan does not depend on them.
   */
  async plannedOnce<R extends QueryResultRow>(query: Compilable<R>): Promise<R[]> {
    const { sql: text, parameters } = query.compile()
    if (!this.#pool) await this.open()
    if (!this.#pool) throw new DatabaseError('Unable to read; the database is closed')
    return (await this.#pool.query<R>({ name: hash('md5', text, 'hex'), text, values: [...parameters] })).rows
  }

  /** A pool for this many concurrent jobs. The caller ends it. */
  async openJobPool(concurrency: number): Promise<Pool> {
    await this.open()
    if (!this.#target) throw new DatabaseError('Unable to run jobs; the database is closed')
    return createJobPool(this.#target, concurrency, (error) => this.#lost(error))
  }

  /** The epoch of a room's log: 12 hex digits, which change after a restore, an import or a failover. */
  epochOf(seed: string): string {
    return this.#history.epochOf(seed)
  }

  /** Notices a salt that was renewed elsewhere, in case no new connection has read it yet. */
  async reconcile(): Promise<void> {
    if (this.#pool) await this.#history.read(this.#pool)
  }

  /** Gives every room a new epoch: at once on this node, on other nodes by their next poll. */
  async renewEpochs(): Promise<void> {
    await renewEpochSalt(this.db)
    await this.reconcile()
  }

  /** The URL of the database for another process on this machine. Requires an open database. */
  get url(): string {
    const { databaseUrl } = this.#config
    if (databaseUrl) return databaseUrl
    if (!this.#embedded) throw new Error('Unable to name the database; it is not open')
    const { host, port, user, database } = this.#embedded.connection
    return `postgres://${user}@${encodeURIComponent(host)}:${port}/${database}`
  }

  /** Identifies the database; the same for every node that uses it. */
  async identity(): Promise<string> {
    const [row] = await readRows(this.db, IDENTITY)
    return hash('sha256', row?.identity ?? '', 'hex').slice(0, 12)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    const writers = this.#writers
    this.#writers = undefined
    this.#pools = []
    this.#pool = undefined
    await Promise.all([writers?.impatient.end(), writers?.patient.end()])
    await this.db.destroy()
    await this.#embedded?.stop()
    this.#embedded = undefined
  }

  async #open(): Promise<Pool> {
    const { databaseUrl, dataDir } = this.#config
    const log = (message: string) => this.#log.info(message)
    if (!databaseUrl) this.#embedded = await startEmbeddedPostgres({ dataDir, log })
    const server = this.#embedded?.connection ?? { connectionString: databaseUrl }
    const onIdleError = (error: Error) => this.#lost(error)
    const patient = createPatientPool(server, onIdleError)
    try {
      await this.#prepare(patient)
    } finally {
      await patient.end()
    }
    // A connection serves nothing before the history that it serves is known.
    this.#target = { ...server, verify: callbackify((client: PoolClient) => this.#history.read(client)) }
    const impatient = createWriterPool(this.#target, { lockMs: 200 }, onIdleError)
    const patientWriters = createWriterPool(this.#target, { lockMs: 3_000 }, onIdleError)
    const calls = createPool(this.#target, onIdleError, this.#poolSize)
    this.#writers = { impatient, patient: patientWriters }
    this.#pools = [
      ['calls', calls],
      ['messages', impatient],
      ['locked', patientWriters],
    ]
    return (this.#pool = calls)
  }

  async #prepare(pool: Pool): Promise<void> {
    const { rows } = await pool.query(
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('fsync') as fsync,
         pg_is_in_recovery() as is_standby`,
    )
    const [server] = checkRows({ version: isNumber, fsync: isText, is_standby: isFlag }, rows)
    if (!server || server.version < MIN_VERSION) {
      throw new DatabaseError(`Unable to use Postgres ${server?.version}; Confab needs ${MIN_VERSION} or newer`)
    }
    if (server.is_standby) throw new StandbyError()
    if (server.fsync !== 'on')
      this.#log.warn('Postgres runs without fsync: a power failure can lose acknowledged messages')
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    this.#steps = await migrate(db)
    for (const step of this.#steps) this.#log.info({ migration: step }, 'migrated')
    await migrateJobs(db, pool)
    if (this.#embedded && (await noticeCopy(db, this.#embedded.controlFile))) {
      this.#log.warn('DATA_DIR is a copy of another one; its rooms start a new history')
    }
  }

  #lost(error: Error): void {
    if (!this.#isClosing) this.#log.warn({ err: error }, 'lost a database connection')
  }

  async #failed(error: unknown): Promise<never> {
    this.#opening = undefined
    await this.#embedded?.stop()
    this.#embedded = undefined
    throw error
  }
}

const useOf = (pool: string, { options, totalCount, idleCount, waitingCount }: Pool): PoolUse => ({
  pool,
  max: options.max,
  used: totalCount - idleCount,
  idle: idleCount,
  waiting: waitingCount,
})

const IDENTITY = {
  row: { identity: isText },
  sql: sql`
  select system_identifier || '/' || pg_database.oid as identity
  from pg_control_system(), pg_database where datname = current_database()`,
}
