import { Socket } from 'node:net'
import { type CustomTypesConfig, Pool, type PoolClient, type PoolConfig, types as pgTypes } from 'pg'

/** bigint columns hold counters and log positions far below 2^53: parsed as numbers instead of the strings that `pg` returns. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`Unable to read bigint ${text}; it is beyond 2^53`)
  return value
}

const types: CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pgTypes.builtins.INT8 && format !== 'binary' ? parseInt8 : pgTypes.getTypeParser(id, format),
}

const STATEMENT_MS = 5_000
/** Slightly later than Postgres itself would end the statement. */
const ANSWER_MS = 6_000

/**
 * A socket that is destroyed when Postgres owes an answer and stays silent: a Postgres that is frozen or behind a dead network
 * can't apply its own timeouts. Idle connections are owed nothing.
 */
function impatientSocket(): Socket {
  const socket = new Socket()
  let answered = 0
  socket.on('data', () => {
    answered = socket.bytesWritten
  })
  socket.setTimeout(ANSWER_MS, () => {
    if (socket.bytesWritten > answered) socket.destroy(new Error('Connection terminated; Postgres does not answer'))
  })
  return socket
}

/** Bound on statements and transactions that wait for a connection of one pool. */
const MAX_WAITING = 5_000

/** Refused at once because too many wait. SQLSTATE 53300 (too many connections), as Postgres itself would report. */
class PoolBusyError extends Error {
  override readonly name = 'PoolBusyError'
  readonly code = '53300'
}

/** A pool with a bounded queue: beyond the bound a caller is refused at once instead of timing out. */
class BoundedPool extends Pool {
  override connect(): Promise<PoolClient>
  override connect(onClient: OnClient): void
  override connect(onClient?: OnClient): Promise<PoolClient> | void {
    if (this.waitingCount < MAX_WAITING) return onClient ? super.connect(onClient) : super.connect()
    const error = new PoolBusyError('Unable to reach the database; too many statements wait for a connection')
    if (!onClient) return Promise.reject(error)
    onClient(error, undefined, () => undefined)
  }
}

type OnClient = Parameters<Pool['connect']>[0]

/** Connections of a process in addition to the writers', if it is the only process. */
export const POOL_SIZE = 20

/**
 * Connections to Postgres, at most `max`, with a bound on every wait: 3 s for a connection and for a lock, 5 s for a statement.
 * Each session sets `synchronous_commit` on, whatever the role's default: an acknowledged call is on disk. A lost idle connection
 * is reported and replaced.
 */
export function createPool(connection: PoolConfig, onIdleError: (error: Error) => void, max = POOL_SIZE): Pool {
  return listening(
    new BoundedPool({
      ...connection,
      ...SESSION,
      max,
      connectionTimeoutMillis: 3_000,
      idleTimeoutMillis: 30_000,
      statement_timeout: STATEMENT_MS,
      lock_timeout: 3_000,
      idle_in_transaction_session_timeout: 10_000,
      stream: impatientSocket,
    }),
    onIdleError,
  )
}

/**
 * Connections for statements that are prepared once and look up everything by index: a cached plan with a scan is always wrong
 * for them. `lockMs` bounds the wait for a lock; it is short where a wait holds up others.
 */
export function createWriterPool(
  connection: PoolConfig,
  { lockMs }: { lockMs: number },
  onIdleError: (error: Error) => void,
): Pool {
  return listening(
    new BoundedPool({
      ...connection,
      ...SESSION,
      options: `${SESSION.options} -c enable_seqscan=off -c plan_cache_mode=force_generic_plan`,
      max: 4,
      connectionTimeoutMillis: 3_000,
      idleTimeoutMillis: 30_000,
      statement_timeout: STATEMENT_MS,
      lock_timeout: lockMs,
      stream: impatientSocket,
    }),
    onIdleError,
  )
}

/** Connections for jobs: one to listen, and one per concurrent job. */
export function createJobPool(connection: PoolConfig, concurrency: number, onIdleError: (error: Error) => void): Pool {
  return listening(
    new BoundedPool({
      ...connection,
      ...SESSION,
      max: concurrency + 1,
      connectionTimeoutMillis: 3_000,
      statement_timeout: STATEMENT_MS,
      stream: impatientSocket,
    }),
    onIdleError,
  )
}

/** One connection without these bounds, for slow work: migrations, and waiting for those of another server. */
export function createPatientPool(connection: PoolConfig, onIdleError: (error: Error) => void): Pool {
  return listening(new BoundedPool({ ...connection, ...SESSION, max: 2, connectionTimeoutMillis: 3_000 }), onIdleError)
}

/**
 * Postgres may overestimate a statement, whose compilation then takes longer than running it, and parallel workers only add cost.
 */
const SESSION = {
  options: '-c synchronous_commit=on -c timezone=UTC -c jit=off -c max_parallel_workers_per_gather=0',
  application_name: 'confab',
  keepAlive: true,
  types,
} satisfies PoolConfig

function listening(pool: Pool, onIdleError: (error: Error) => void): Pool {
  pool.on('error', onIdleError)
  // A checked-out client reports errors to its query. Without its own listener, a lost server would end the process.
  pool.on('connect', (client) => client.on('error', onIdleError))
  return pool
}
