import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TokenVerifier } from '../../server/auth/token-verifier.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const key = new TextEncoder().encode(SECRET)
const options = {
  secret: async () => SECRET,
  jwksUrl: undefined,
  issuer: 'https://id.example.com',
  audience: 'chat',
  jwksCooldownMs: 30_000,
}
const verifier = new TokenVerifier(options)

/** A good token, with whatever is to be wrong about it. */
function token(
  claims: Record<string, unknown> = {},
  header: { alg: string; kid?: string } = { alg: 'HS256' },
): SignJWT {
  const now = Math.floor(Date.now() / 1_000)
  const good = { sub: 'ada', iat: now, exp: now + 60, iss: 'https://id.example.com', aud: 'chat' }
  return new SignJWT({ ...good, ...claims }).setProtectedHeader(header)
}

const reasonOf = async (signed: Promise<string> | string) =>
  verifier.verify(await signed).then(
    () => 'accepted',
    (error: { reason?: string }) => error.reason,
  )

describe('a token signed with the shared secret', () => {
  test('says who its bearer is', async () => {
    const signed = await token({
      tenant: 'acme',
      role: 'service',
      name: '  Ada\u202E Lovelace ',
      picture: 'https://example.com/ada.png',
    }).sign(key)
    expect(await verifier.verify(signed)).toMatchObject({
      tenantId: 'acme',
      userId: 'ada',
      role: 'service',
      name: 'Ada Lovelace',
      pictureUrl: 'https://example.com/ada.png',
    })
  })

  test('has a default tenant and role, and no picture that is not a web address', async () => {
    const signed = await token({ picture: 'javascript:alert(1)' }).sign(key)
    expect(await verifier.verify(signed)).toMatchObject({ tenantId: 'default', role: 'user', pictureUrl: undefined })
  })

  test.each([
    ['expired', { exp: Math.floor(Date.now() / 1_000) - 60 }, 'TOKEN_EXPIRED'],
    ['without exp', { exp: undefined }, 'TOKEN_INVALID'],
    ['without iat', { iat: undefined }, 'TOKEN_INVALID'],
    ['without sub', { sub: undefined }, 'TOKEN_INVALID'],
    ['issued far in the future', { iat: Math.floor(Date.now() / 1_000) + 3_600 }, 'TOKEN_INVALID'],
    ['that expires where no Date reaches', { exp: 8.64e12 + 1 }, 'TOKEN_INVALID'],
    ['that expires at a number beyond all', { exp: 1e300 }, 'TOKEN_INVALID'],
    ['that expired before time', { exp: -1e300 }, 'TOKEN_EXPIRED'],
    ['that expires at no number', { exp: '2100-01-01' }, 'TOKEN_INVALID'],
    ['issued where no Date reaches', { iat: -8.64e12 - 1 }, 'TOKEN_INVALID'],
    ['issued at a number beyond all', { iat: 1e300 }, 'TOKEN_INVALID'],
    ['that is good for fractions of a second', { exp: Date.now() / 1_000 + 60.5 }, 'accepted'],
    ['that expires at the last Date there is', { exp: 8.64e12 }, 'accepted'],
    ['of another issuer', { iss: 'https://id.example.org' }, 'TOKEN_INVALID'],
    ['for another audience', { aud: 'mail' }, 'TOKEN_INVALID'],
    ['with a user id that has a space', { sub: 'ada lovelace' }, 'TOKEN_INVALID'],
    ['with a tenant that is not one', { tenant: '../acme' }, 'TOKEN_INVALID'],
    ['with an unknown role', { role: 'admin' }, 'TOKEN_INVALID'],
  ])('%s is answered as it should be', async (_, claims, reason) => {
    expect(await reasonOf(token(claims).sign(key))).toBe(reason)
  })

  test('is refused with another signature, another algorithm or none', async () => {
    expect(await reasonOf(token().sign(new TextEncoder().encode('another secret of thirty-two bytes.')))).toBe(
      'TOKEN_INVALID',
    )
    expect(await reasonOf(token({}, { alg: 'HS512' }).sign(key))).toBe('TOKEN_INVALID')
    expect(await reasonOf(new UnsecuredJWT({ sub: 'ada' }).setIssuedAt().setExpirationTime('1m').encode())).toBe(
      'TOKEN_INVALID',
    )
    expect(await reasonOf('not a token')).toBe('TOKEN_INVALID')
  })
})

describe('a token verified by a JWKS', () => {
  const published: JWK[] = []
  let asked = 0
  let isAway = false
  let issuer: Server
  let jwksUrl: string

  beforeAll(async () => {
    issuer = createServer((_, response) => {
      asked++
      if (isAway) response.destroy()
      else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }))
    })
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = issuer.address()
    jwksUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwks.json`
  })
  afterAll(() => issuer.close())

  async function newKey(kid: string): Promise<GenerateKeyPairResult> {
    const pair = await generateKeyPair('ES256')
    published.push({ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' })
    return pair
  }
  const signedBy = (pair: GenerateKeyPairResult, kid: string) => token({}, { alg: 'ES256', kid }).sign(pair.privateKey)

  test('is accepted, fetched once; a rotated key is found; one that was never published is not accepted', async () => {
    const jwks = new TokenVerifier({ ...options, secret: undefined, jwksUrl, jwksCooldownMs: 0 })
    const first = await newKey('first')
    await jwks.verify(await signedBy(first, 'first'))
    await jwks.verify(await signedBy(first, 'first'))
    expect(asked).toBe(1)

    const second = await newKey('second')
    expect(await jwks.verify(await signedBy(second, 'second'))).toMatchObject({ userId: 'ada' })
    expect(asked).toBe(2)

    const stranger = await generateKeyPair('ES256')
    await expect(jwks.verify(await signedBy(stranger, 'third'))).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
    await expect(jwks.verify(await signedBy(stranger, 'first'))).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
  })

  test('is not accepted when a public key is used as a shared secret', async () => {
    const jwks = new TokenVerifier({ ...options, secret: undefined, jwksUrl, jwksCooldownMs: 0 })
    const forged = token().sign(new TextEncoder().encode(JSON.stringify(published[0])))
    await expect(jwks.verify(await forged)).rejects.toMatchObject({ reason: 'TOKEN_INVALID' })
  })

  test('can be tried again later where the issuer does not answer', async () => {
    const jwks = new TokenVerifier({ ...options, secret: undefined, jwksUrl, jwksCooldownMs: 0 })
    isAway = true
    const signed = await signedBy(await newKey('fourth'), 'fourth')
    await expect(jwks.verify(signed)).rejects.toMatchObject({ reason: 'UNAVAILABLE', retryAfterMs: expect.any(Number) })
    isAway = false
    expect(await jwks.verify(signed)).toMatchObject({ userId: 'ada' })
  })
})
