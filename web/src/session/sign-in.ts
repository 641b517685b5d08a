import { fetchDevToken } from './dev-token.ts'
import { isAlive } from './token-claims.ts'

/** How somebody signed in: by name, where tokens can be fetched again, or with a token from elsewhere. */
export interface SignIn {
  name: string | null
  token: string
}

const KEY = 'confab.sign-in'

/** Kept per window, so that two windows can be two people. */
export function loadSignIn(): SignIn | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || !kept || !('token' in kept) || typeof kept.token !== 'string') return undefined
    return { token: kept.token, name: 'name' in kept && typeof kept.name === 'string' ? kept.name : null }
  } catch {
    return undefined
  }
}

export const saveSignIn = (signIn: SignIn) => sessionStorage.setItem(KEY, JSON.stringify(signIn))
export const forgetSignIn = () => sessionStorage.removeItem(KEY)

/**
 * What `createChatClient` asks for a token. A name gets a new one for each connection after the first, which covers expiry and
 * revocation; while the server can't be asked, the old one serves as long as it lives. A pasted token is what it is.
 */
export function tokenOf(signIn: SignIn): string | (() => Promise<string>) {
  const { name } = signIn
  if (name === null) return signIn.token
  let current = signIn.token
  let isUnused = true
  return async () => {
    if (isUnused && isAlive(current)) {
      isUnused = false
      return current
    }
    try {
      current = await fetchDevToken(name)
      saveSignIn({ name, token: current })
    } catch (error) {
      if (!isAlive(current)) throw error
    }
    return current
  }
}
