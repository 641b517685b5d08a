import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isLocal } from './development-sign-in.ts'

export interface DemoHost {
  /** Adds the user to a room with people who answer. */
  invite(userId: string): Promise<{ roomId: string }>
}

/** `POST /dev/demo` with a token responds with `{ roomId }` to callers on this machine. Registered in development only. */
export function registerDemoPeople(
  server: FastifyInstance,
  userOf: (req: FastifyRequest) => Promise<string>,
  host: DemoHost,
): void {
  server.post('/dev/demo', async (req, reply) => {
    if (!isLocal(req)) {
      return reply.code(403).send({ error: 'Unable to invite demo people; this works from this machine only' })
    }
    const userId = await userOf(req).catch(() => undefined)
    if (userId === undefined) return reply.code(401).send({ error: 'Unable to invite demo people; sign in first' })
    return host.invite(userId)
  })
}
