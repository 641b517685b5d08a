import { once } from 'node:events'
import type { Server } from 'node:http'

/** Listens on any free port of this machine, for many connections at once, and says which. */
export async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
