/** The server has no sign-in by name: it runs in production, or its tokens come from elsewhere. */
export class NoDevSignIn extends Error {
  override readonly name = 'NoDevSignIn'
}

/**
 * Fetches a token for a name, which the server issues in development.
 *
 * @throws {NoDevSignIn} if the server has no such sign-in; any other Error has a sentence to show.
 */
export async function fetchDevToken(name: string): Promise<string> {
  const response = await ask(name)
  if (response.status === 404) throw new NoDevSignIn('You can’t sign in by name on this server. Paste a token instead.')
  if (response.status === 400) throw new Error('This name can’t be used. Use up to 64 letters or digits.')
  if (response.status === 403) throw new Error('You can sign in by name only on the machine that runs the server.')
  if (response.status === 429) throw new Error('Too many sign-ins. Wait a moment and try again.')
  if (!response.ok) throw new Error(`The server refused the sign-in (${response.status}).`)
  const body: unknown = await response.json().catch(() => undefined)
  if (typeof body === 'object' && body && 'token' in body && typeof body.token === 'string') return body.token
  throw new Error('The server didn’t return a token.')
}

async function ask(name: string): Promise<Response> {
  try {
    return await fetch('/dev/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
  } catch {
    throw new Error('The server isn’t responding. Is it running?')
  }
}
