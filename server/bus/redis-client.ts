import { createClient, type RedisClientType } from 'redis'

/** A client for one connection, which neither queues commands nor comes back; destroyed when the signal is aborted. */
export function newRedisClient(url: string, connectTimeout: number, ended: AbortSignal): RedisClientType {
  const client: RedisClientType = createClient({
    url,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: { connectTimeout, reconnectStrategy: false },
  })
  const destroy = () => client.destroy()
  ended.addEventListener('abort', destroy, { once: true })
  // What is destroyed before it has connected connects nevertheless (node-redis 6.3), and would stay.
  client.on('connect', () => {
    if (ended.aborted) destroy()
  })
  return client
}

/** What the work comes to; undefined once the signal is aborted, if that is first. */
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
