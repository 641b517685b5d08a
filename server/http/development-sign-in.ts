import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { nameText } from '../../shared/text.ts'
import { developmentToken, developmentUserId } from '../auth/development-secret.ts'
import { isLoopback } from '../config.ts'
import { hostnameOf } from './origin-rules.ts'

const signIn = z.strictObject({
  name: nameText(64).refine((name) => developmentUserId(name) !== '', 'needs a letter or a digit'),
})

/** Headers that proxies add. A request with one of them may come from anywhere. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

const isOfThisMachine = (host: string | undefined) => isLoopback(hostnameOf(host) ?? '')

/** Whether the request comes directly from this machine: no proxy, no foreign host name, no page of another origin. */
export function isLocal({ headers, socket, raw }: FastifyRequest): boolean {
  // No program on this machine speaks HTTP/1.0, but a proxy without such headers may.
  if (raw.httpVersion === '1.0') return false
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false
  if (!isOfThisMachine(headers.host) || !isLoopback(socket.remoteAddress?.replace(/^::ffff:/, '') ?? '')) return false
  return headers.origin === undefined || isOfThisMachine(headers.origin)
}

/**
 * `POST /dev/token {"name": "alice"}` responds with `{ token }` to any caller on this machine. Registered in development only:
 * the secret that signs it exists nowhere else.
 */
export function registerDevelopmentSignIn(server: FastifyInstance, secret: () => Promise<string>): void {
  server.post('/dev/token', async (req, reply) => {
    if (!isLocal(req)) {
      return reply.code(403).send({ error: 'Unable to sign in by name; this works from this machine only' })
    }
    const input = signIn.safeParse(typeof req.body === 'string' ? parseJson(req.body) : req.body)
    if (!input.success) {
      return reply.code(400).send({ error: `Unable to sign in; name: ${input.error.issues[0]?.message}` })
    }
    return { token: await developmentToken(await secret(), input.data) }
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
