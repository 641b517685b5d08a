/**
 * When the token expires, in milliseconds since 1970; undefined if the text is not a JWT. The server verifies it; this only
 * reads it.
 */
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

/** False if the token itself says that it has expired. A text that is no JWT is left to the server. */
export const isAlive = (token: string): boolean => (expiryOf(token) ?? Number.POSITIVE_INFINITY) > Date.now()
