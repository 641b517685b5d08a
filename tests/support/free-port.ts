import { once } from 'node:events'
import { createServer } from 'node:net'

/** Of 127.0.0.1; nobody listens there yet. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('Unable to find a free port')
  return address.port
}
