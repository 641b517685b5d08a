/** When the token ends, in milliseconds since 1970; undefined where the text is not a JWT. The server verifies, this only reads. */
function expiryOf(token: string): number | undefined {
  try {
    const payload = token.split('.')[1] ?? ''
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    if (typeof claims !== 'object' || !claims || !('exp' in claims) || typeof claims.exp !== 'number') return undefined
    return claims.exp * 1_000
  } catch {
    return undefined
  }
}

/** False where the token says itself that it is over; a text that is no JWT is left to the server to judge. */
export const isAlive = (token: string): boolean => (expiryOf(token) ?? Number.POSITIVE_INFINITY) > Date.now()
