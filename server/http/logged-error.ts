/** The parts of an error that are logged: never the objects that libraries attach, which hold queries, texts and connections. */
export function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name: type, stack = '' } = error
  const code = 'code' in error ? error.code : undefined
  // These errors quote input: those of a parser, and Postgres's for values of a wrong type (SQLSTATE class 22).
  const isQuoting = error instanceof SyntaxError || (typeof code === 'string' && /^22\w{3}$/.test(code))
  const message = isQuoting ? '(it quotes what was sent)' : error.message
  // Skips the first lines, which repeat the message.
  const frames = stack.match(/^ {4}at .*$/gm)?.join('\n')
  return { type, message, stack: frames, code }
}
