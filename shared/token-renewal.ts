import { setLongTimeout } from './long-timeout.ts'

/** Renews a token on the open connection before it expires. If that fails, the reconnect after the expiry fetches a new one. */
export class TokenRenewal {
  #stopWaiting: (() => void) | undefined
  readonly #renew: () => Promise<void>

  constructor(renew: () => Promise<void>) {
    this.#renew = renew
  }

  plan(token: string) {
    this.cancel()
    const expiresIn = expiryOf(token) - Date.now()
    if (!Number.isFinite(expiresIn)) return
    const delay = Math.max(1_000, expiresIn - Math.max(5_000, Math.min(60_000, expiresIn / 10)))
    this.#stopWaiting = setLongTimeout(() => void this.#renew().catch(() => undefined), delay)
  }

  cancel() {
    this.#stopWaiting?.()
  }
}

/** The `exp` of a JWT in milliseconds; NaN if the text is not a JWT. The server verifies the token; this only reads it. */
function expiryOf(token: string): number {
  try {
    const payload = token.split('.')[1] ?? ''
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' && claims && 'exp' in claims ? Number(claims.exp) * 1_000 : Number.NaN
  } catch {
    return Number.NaN
  }
}
