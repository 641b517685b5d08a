import { createClient, type RedisClientType } from 'redis'
import { SENTINEL_URL } from '../config.ts'

const SENTINEL_PORT = 26_379

/** Whether Redis is found by asking Sentinels. */
export const isSentinelUrl = (url: string): boolean => SENTINEL_URL.test(url)

/**
 * Where Redis is now: at its address, or where the first Sentinel that answers says that the master is. Asked anew for every connection,
 * a failover needs nothing else. @throws Error where no Sentinel knows
 */
export async function redisAddress(url: string, connectMs: number): Promise<string> {
  const { login, hosts = '', database = '', master = '' } = SENTINEL_URL.exec(url)?.groups ?? {}
  if (hosts === '') return url
  let failure: unknown
  for (const host of hosts.split(',')) {
    const sentinel = /:\d+$/.test(host) ? host : `${host}:${SENTINEL_PORT}`
    try {
      const address = await askSentinel(`redis://${sentinel}`, decodeURIComponent(master), connectMs)
      if (address) return `redis://${login === undefined ? '' : `${login}@`}${address}${database}`
    } catch (error) {
      failure = error
    }
  }
  throw new Error(`No Sentinel knows where the master ${master} is`, { cause: failure })
}

async function askSentinel(url: string, master: string, connectMs: number): Promise<string | undefined> {
  const sentinel: RedisClientType = createClient({
    url,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: { connectTimeout: connectMs, socketTimeout: connectMs, reconnectStrategy: false },
  })
  // What goes wrong rejects the command as well.
  sentinel.on('error', () => undefined)
  try {
    await sentinel.connect()
    const found: unknown = await sentinel.sendCommand(['SENTINEL', 'get-master-addr-by-name', master])
    if (!Array.isArray(found)) return undefined
    const [host, port] = found.map(String)
    return host?.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  } finally {
    if (sentinel.isOpen) sentinel.destroy()
  }
}

/** A master that was demoted takes messages for itself alone. @throws Error where this is no master */
export async function assertMaster(client: RedisClientType): Promise<void> {
  const answer: unknown = await client.sendCommand(['ROLE'])
  const role = Array.isArray(answer) ? String(answer[0]) : ''
  if (role !== 'master') throw new Error(`Redis is a ${role} there, not the master`)
}
