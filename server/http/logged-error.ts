/** What a log says of an error: never the objects that libraries attach, which hold queries, texts and connections. */
export function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name: type, stack = '' } = error
  const code = 'code' in error ? error.code : undefined
  // These quote what somebody sent: a parser, and Postgres where a value is not of its type (SQLSTATE class 22).
  const isQuoting = error instanceof SyntaxError || (typeof code === 'string' && /^22\w{3}$/.test(code))
  const message = isQuoting ? '(it quotes what was sent)' : error.message
  // Without its first lines, which are the message again.
  const frames = stack.match(/^ {4}at .*$/gm)?.join('\n')
  return { type, message, stack: frames, code }
}
