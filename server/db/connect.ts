import { hash } from 'node:crypto'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Pool, QueryResultRow } from 'pg'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Db, Tables } from './database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { migrate } from './migrate.ts'
import { createPatientPool, createPool, createWriterPool } from './pool.ts'

/** The database is there but can't serve Confab. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
}

const MIN_VERSION = 15

/**
 * The connection to Postgres, opened by the first query: starts the embedded server where no DATABASE_URL is set, checks what it
 * is, and migrates. `epochOf` is known from then on.
 */
export class Database {
  readonly db: Db
  readonly #config: Config
  readonly #log: Logger
  #embedded: EmbeddedPostgres | undefined
  /** Names one history of the whole server: changes with a restore or a failover, and every room's epoch with it. */
  #history: string | undefined
  #opening: Promise<Pool> | undefined
  #steps: string[] = []
  #pool: Pool | undefined
  #isClosing = false
  #writers: Pool | undefined

  constructor(config: Config, log: Logger) {
    this.#config = config
    this.#log = log
    this.db = new Kysely<Tables>({
      dialect: new PostgresDialect({
        pool: () => (this.#opening ??= this.#open().catch((error: unknown) => this.#failed(error))),
        onCreateConnection: async (connection) => {
          const { rows } = await connection.executeQuery<{ history: string }>(HISTORY.compile(this.db))
          this.#history = rows[0]?.history
        },
      }),
    })
  }

  /** Resolves when the database is migrated and answers. */
  async open(): Promise<void> {
    await sql`select 1`.execute(this.db)
  }

  /** Brings the database to this version and returns the names of the steps that it took. */
  async migrate(): Promise<string[]> {
    await this.open()
    return this.#steps
  }

  /**
   * Runs a statement that each connection prepares once. An impatient one waits at most 200 ms for a lock: SQLSTATE 55P03 then.
   */
  async prepared<R extends QueryResultRow>(
    statement: { name: string; text: string },
    values: unknown[],
    { isPatient }: { isPatient: boolean },
  ): Promise<R[]> {
    if (!this.#pool) await this.open()
    const pool = isPatient ? this.#pool : this.#writers
    if (!pool) throw new DatabaseError('Unable to write; the database is closed')
    return (await pool.query<R>({ ...statement, values })).rows
  }

  /** The epoch of a room's log: 12 hex digits, another one after a restore, an import or a failover. */
  epochOf(seed: string): string {
    if (this.#history === undefined) throw new Error('The database is not open')
    return hash('sha256', `${seed}/${this.#history}`, 'hex').slice(0, 12)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#writers?.end()
    this.#writers = undefined
    this.#pool = undefined
    await this.db.destroy()
    await this.#embedded?.stop()
    this.#embedded = undefined
  }

  async #open(): Promise<Pool> {
    const { databaseUrl, dataDir } = this.#config
    const log = (message: string) => this.#log.info(message)
    if (!databaseUrl) this.#embedded = await startEmbeddedPostgres({ dataDir, log })
    const target = this.#embedded?.connection ?? { connectionString: databaseUrl }
    const onIdleError = (error: Error) => {
      if (!this.#isClosing) this.#log.warn({ err: error }, 'lost a database connection')
    }
    const patient = createPatientPool(target, onIdleError)
    try {
      await this.#prepare(patient)
    } finally {
      await patient.end()
    }
    this.#writers = createWriterPool(target, onIdleError)
    return (this.#pool = createPool(target, onIdleError))
  }

  async #prepare(pool: Pool): Promise<void> {
    const { rows } = await pool.query<{ version: number; fsync: string }>(
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('fsync') as fsync`,
    )
    const server = rows[0]
    if (!server || server.version < MIN_VERSION) {
      throw new DatabaseError(`Unable to use Postgres ${server?.version}; Confab needs ${MIN_VERSION} or newer`)
    }
    if (server.fsync !== 'on')
      this.#log.warn('Postgres runs without fsync: a power failure can lose acknowledged messages')
    this.#steps = await migrate(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }))
    for (const step of this.#steps) this.#log.info({ migration: step }, 'migrated')
  }

  async #failed(error: unknown): Promise<never> {
    this.#opening = undefined
    await this.#embedded?.stop()
    this.#embedded = undefined
    throw error
  }
}

const HISTORY = sql<{ history: string }>`
  select system_identifier || '/' || timeline_id as history from pg_control_system(), pg_control_checkpoint()`
