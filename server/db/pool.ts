import { type CustomTypesConfig, Pool, type PoolConfig, types as pgTypes } from 'pg'

/** bigint columns hold counters and log positions, far below 2^53: numbers, not the strings that `pg` gives. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`Unable to read bigint ${text}; it is beyond 2^53`)
  return value
}

const types: CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pgTypes.builtins.INT8 && format !== 'binary' ? parseInt8 : pgTypes.getTypeParser(id, format),
}

/**
 * Connections to Postgres, at most 20, with a bound on every wait: 3 s for a connection, 10 s for a statement, 5 s for a lock. Each
 * session has `synchronous_commit` on, whatever the role's default: an answered call is on disk. A lost idle connection is
 * reported and replaced.
 */
export function createPool(connection: PoolConfig, onIdleError: (error: Error) => void): Pool {
  const pool = new Pool({
    ...connection,
    max: 20,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    options: '-c synchronous_commit=on -c timezone=UTC',
    application_name: 'confab',
    keepAlive: true,
    types,
  })
  pool.on('error', onIdleError)
  // A client that is checked out reports to its query; without a listener of its own, a lost server would end the process.
  pool.on('connect', (client) => client.on('error', onIdleError))
  return pool
}
