import { createClient, type RedisClientType } from 'redis'

/** A client for one connection, which neither queues commands nor reconnects. It is destroyed when the signal aborts. */
export function newRedisClient(url: string, connectTimeout: number, ended: AbortSignal): RedisClientType {
  const client: RedisClientType = createClient({
    url,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: { connectTimeout, reconnectStrategy: false },
  })
  const destroy = () => client.destroy()
  ended.addEventListener('abort', destroy, { once: true })
  // A client that is destroyed while it connects still connects (node-redis 6.3), and would stay open.
  client.on('connect', () => {
    if (ended.aborted) destroy()
  })
  return client
}

/** The result of the work; undefined if the signal aborts first. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>()
  const onAbort = () => resolve(undefined)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([aborted, work])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
