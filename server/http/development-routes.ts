import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authenticator } from '../auth/authenticator.ts'
import { DEFAULT_TENANT } from '../auth/token-verifier.ts'
import type { DemoPeople } from '../demo/demo-people.ts'
import { ChatError } from '../errors/chat-error.ts'
import { registerDemoPeople } from './demo-route.ts'
import { registerDevelopmentSignIn } from './development-sign-in.ts'

export interface DevelopmentParts {
  /** The secret that signs tokens of the sign-in by name. */
  secret(): Promise<string>
  authenticator: Authenticator
  /** Undefined in a worker process: several processes would answer several times. */
  demoPeople: DemoPeople | undefined
}

/** Adds the development routes: the sign-in by name, and the invitation of demo people. */
export function registerDevelopmentRoutes(server: FastifyInstance, parts: DevelopmentParts): void {
  const { secret, authenticator, demoPeople } = parts
  registerDevelopmentSignIn(server, secret)
  if (demoPeople) registerDemoPeople(server, (req) => userOfRequest(authenticator, req), demoPeople)
}

/** A user of the default tenant, the only one with demo people. @throws ChatError */
async function userOfRequest(
  authenticator: Authenticator,
  { id: requestId, headers }: FastifyRequest,
): Promise<string> {
  const { session } = await authenticator.contextOfRequest(headers.authorization, null, { requestId })
  if (!session) throw new ChatError('UNAUTHENTICATED')
  await session.admit()
  if (session.tenantId !== DEFAULT_TENANT) throw new ChatError('FORBIDDEN')
  return session.userId
}
