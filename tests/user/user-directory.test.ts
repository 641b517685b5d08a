import { expect, test } from 'vitest'
import { refusalOf } from '../../server/user/user-directory.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()

test('a revocation ends tokens that were issued before it, and no trust in code of the process', async () => {
  await server.caller('ada').auth.revokeAll()
  const user = await server.app.services.users.find('default', 'ada')
  if (!user?.tokens_valid_from) throw new Error('Nothing is revoked')
  const from = user.tokens_valid_from.getTime()
  expect(refusalOf(user, { via: 'token', issuedAt: from - 1 })).toMatchObject({ reason: 'TOKEN_REVOKED' })
  expect(refusalOf(user, { via: 'token', issuedAt: from })).toBeUndefined()
  expect(refusalOf(user, { via: 'process' })).toBeUndefined()
})
