import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import type { TokenRole } from '../../shared/user.ts'

const FILE = 'development-secret'

/** The secret that signs development tokens. It is created once in the data directory, readable only by its owner. */
export async function developmentSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, FILE)
  await mkdir(dataDir, { recursive: true })
  try {
    await writeFile(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return (await readFile(file, 'utf8')).trim()
}

export interface DevelopmentClaims {
  name: string
  role?: TokenRole | undefined
  tenant?: string | undefined
  issuer?: string | undefined
  audience?: string | undefined
}

const EXPIRES_AFTER_S = 12 * 3_600

/**
 * The user id for a name in the development sign-in: "Ada Lovelace" becomes `ada-lovelace`. Empty if no letter or digit is left.
 */
export const developmentUserId = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)

/**
 * A token for a user by name, valid for 12 hours. Its `iat` has milliseconds, so that a revocation in the same second is exact.
 */
export function developmentToken(secret: string, claims: DevelopmentClaims): Promise<string> {
  const now = Date.now() / 1_000
  const { name, role, tenant, issuer: iss, audience: aud } = claims
  return new SignJWT({ name, role, tenant, iss, aud })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(developmentUserId(name))
    .setIssuedAt(now)
    .setExpirationTime(Math.floor(now) + EXPIRES_AFTER_S)
    .sign(new TextEncoder().encode(secret))
}
