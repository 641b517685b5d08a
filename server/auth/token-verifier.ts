import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { tenantId as tenantIdSchema, userId as userIdSchema } from '../../shared/ids.ts'
import { toName } from '../../shared/text.ts'
import { pictureUrl as pictureUrlSchema, type TokenRole } from '../../shared/user.ts'
import { ChatError } from '../errors/chat-error.ts'

/** The bearer of a token according to its claims. */
export interface Identity {
  origin: 'token'
  tenantId: string
  userId: string
  role: TokenRole
  name: string | undefined
  pictureUrl: string | undefined
  /** In milliseconds. A token with whole seconds counts from the start of its second. */
  issuedAt: number
  expiresAt: Date
}

export interface TokenVerifierOptions {
  /** Returns the shared secret; called once. */
  secret: (() => Promise<string>) | undefined
  jwksUrl: string | undefined
  issuer: string | undefined
  audience: string | undefined
  /** For this long after a JWKS fetch, unknown key ids are refused without another fetch. */
  jwksCooldownMs: number
}

/** The tenant of tokens and callers that name none. */
export const DEFAULT_TENANT = 'default'

const CLOCK_TOLERANCE_S = 5
/** Tokens from further in the future are refused, because they would outlive their revocation. */
const MAX_IAT_AHEAD_MS = 60_000
const JWKS_CACHE_MS = 600_000
/**
 * Algorithms that a JWKS may use; a shared secret only uses HS256. They are fixed, so that no token chooses how it is verified.
 */
const PUBLIC_KEY_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

/** Verifies tokens according to RFC 7519: signature, `exp`, `iat`, and issuer and audience if configured. */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions
  readonly #jwks: JWTVerifyGetKey | undefined
  #secret: Promise<Uint8Array> | undefined

  constructor(options: TokenVerifierOptions) {
    this.#options = options
    this.#jwks = options.jwksUrl
      ? createRemoteJWKSet(new URL(options.jwksUrl), {
          cacheMaxAge: JWKS_CACHE_MS,
          cooldownDuration: options.jwksCooldownMs,
          timeoutDuration: 3_000,
        })
      : undefined
  }

  /** @throws ChatError TOKEN_EXPIRED, TOKEN_INVALID, or UNAVAILABLE if the keys can't be fetched */
  async verify(token: string): Promise<Identity> {
    const { issuer, audience } = this.#options
    const options = {
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['sub', 'iat', 'exp'],
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    }
    try {
      const { payload } = this.#jwks
        ? await jwtVerify(token, this.#jwks, { ...options, algorithms: PUBLIC_KEY_ALGORITHMS })
        : await jwtVerify(token, await this.#sharedSecret(), { ...options, algorithms: ['HS256'] })
      return identityOf(payload)
    } catch (error) {
      throw refusalOf(error)
    }
  }

  #sharedSecret(): Promise<Uint8Array> {
    if (!this.#options.secret) throw new Error('Unable to verify tokens; neither a secret nor a JWKS is configured')
    this.#secret ??= this.#options.secret().then(
      (secret) => new TextEncoder().encode(secret),
      (error: unknown) => {
        this.#secret = undefined
        throw error
      },
    )
    return this.#secret
  }
}

function refusalOf(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  if (error instanceof errors.JWTExpired) return new ChatError('TOKEN_EXPIRED')
  if (error instanceof errors.JWKSTimeout) return keysAway(error)
  if (error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC')
    return new ChatError('TOKEN_INVALID', { cause: error })
  return keysAway(error)
}

const keysAway = (cause: unknown) =>
  new ChatError('UNAVAILABLE', {
    message: 'Unable to verify the token; the issuer does not answer',
    retryAfterMs: 1_000,
    cause,
  })

/** The claims as an identity. Tenant and user must be valid ids of this API; an invalid name is repaired. */
function identityOf(claims: JWTPayload): Identity {
  const userId = userIdSchema.safeParse(claims.sub)
  const tenantId = tenantIdSchema.safeParse(claims['tenant'] ?? DEFAULT_TENANT)
  const role = claims['role'] ?? 'user'
  if (!userId.success) throw invalidClaim('sub')
  if (!tenantId.success) throw invalidClaim('tenant')
  if (role !== 'user' && role !== 'service') throw invalidClaim('role')
  const issuedAt = dateOf(claims, 'iat').getTime()
  if (issuedAt > Date.now() + MAX_IAT_AHEAD_MS) throw invalidClaim('iat')
  const { name, picture } = claims
  return {
    origin: 'token',
    tenantId: tenantId.data,
    userId: userId.data,
    role,
    name: typeof name === 'string' ? toName(name, userId.data) : undefined,
    pictureUrl: pictureUrlSchema.safeParse(picture).data,
    issuedAt,
    expiresAt: dateOf(claims, 'exp'),
  }
}

/** @throws ChatError TOKEN_INVALID for a number that no Date can hold: beyond 8.64e12 seconds either way */
function dateOf(claims: JWTPayload, claim: 'iat' | 'exp'): Date {
  const date = new Date((claims[claim] ?? Number.NaN) * 1_000)
  if (Number.isNaN(date.getTime())) throw invalidClaim(claim)
  return date
}

const invalidClaim = (claim: string) =>
  new ChatError('TOKEN_INVALID', { message: `Unable to accept the token; its claim "${claim}" is invalid` })
