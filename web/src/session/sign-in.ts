import { fetchDevToken } from './dev-token.ts'
import { isAlive } from './token-claims.ts'

/** How a user signed in: by name, where tokens can be fetched again, or with a token from elsewhere. */
export interface SignIn {
  name: string | null
  token: string
  /** Kept on this device for all of its windows; otherwise in this window, so that two windows can be two users. */
  stays: boolean
}

const KEY = 'confab.sign-in'

/** This window's own sign-in takes precedence over the device's. */
export const loadSignIn = (): SignIn | undefined => load(sessionStorage, false) ?? load(localStorage, true)

function load(storage: Storage, stays: boolean): SignIn | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || !kept || !('token' in kept) || typeof kept.token !== 'string') return undefined
    return { token: kept.token, name: 'name' in kept && typeof kept.name === 'string' ? kept.name : null, stays }
  } catch {
    return undefined
  }
}

export function saveSignIn({ name, token, stays }: SignIn) {
  const [storage, other] = stays ? [localStorage, sessionStorage] : [sessionStorage, undefined]
  other?.removeItem(KEY)
  storage.setItem(KEY, JSON.stringify({ name, token }))
}

export const forgetSignIn = ({ stays }: Pick<SignIn, 'stays'>) =>
  (stays ? localStorage : sessionStorage).removeItem(KEY)

/** A user stays signed in on this device. */
export const isStaying = (): boolean => localStorage.getItem(KEY) !== null

/** Calls back when another window signs in on this device (true), or out (false). */
export function onDeviceSignIn(listener: (isSignedIn: boolean) => void) {
  addEventListener('storage', ({ key, newValue }) => {
    if (key === KEY || key === null) listener(newValue !== null)
  })
}

/**
 * The `token` option of `createChatClient`. A user by name gets a new token for each connection after the first, which covers
 * expiry and revocation. While the server can't be reached, the old token is used as long as it is valid. A pasted token can't
 * be renewed.
 */
export function tokenOf(signIn: SignIn): string | (() => Promise<string>) {
  const { name, stays } = signIn
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
      saveSignIn({ name, token: current, stays })
    } catch (error) {
      if (!isAlive(current)) throw error
    }
    return current
  }
}
