/** The SQLSTATE of an error from Postgres (or the errno name of a lost connection), else undefined. */
export function databaseErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Connections that were refused, lost or timed out, and a Postgres that starts, stops or has no room: SQLSTATE classes and errnos. */
const DATABASE_AWAY =
  /^(08...|53...|57P0[1-5]|57014|40001|40P01|55P03|ECONN\w+|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/
const CONNECTION_LOST =
  /connection (terminated|ended|timeout)|timeout exceeded when trying to connect|not queryable|client has encountered/i

/** Whether the database is away, so that the same work may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  const code = databaseErrorCode(error)
  if (code !== undefined) return DATABASE_AWAY.test(code)
  return error instanceof Error && CONNECTION_LOST.test(error.message)
}
