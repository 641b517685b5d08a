/** The SQLSTATE of an error from Postgres, or the errno name of a lost connection; undefined for any other error. */
export function databaseErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/**
 * SQLSTATEs and errnos of refused, lost and timed-out connections, and of a Postgres that starts, stops or is out of resources.
 */
const DATABASE_AWAY =
  /^(08...|53...|57P0[1-5]|57014|40001|40P01|55P03|ECONN\w+|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/
const CONNECTION_LOST =
  /connection (terminated|ended|timeout)|timeout exceeded when trying to connect|not queryable|client has encountered/i

/** Whether the database is away: the same work may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  const code = databaseErrorCode(error)
  if (code !== undefined) return DATABASE_AWAY.test(code)
  return error instanceof Error && CONNECTION_LOST.test(error.message)
}
