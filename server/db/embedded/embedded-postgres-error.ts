/** The embedded Postgres cannot serve. The message is one line for an operator: "Unable to X; Y". */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}
