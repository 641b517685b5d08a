import { createClient, type RedisClientType } from 'redis'
import { CLUSTER_URL, SENTINEL_URL } from '../config.ts'
import { keySlot, SLOTS } from './key-slot.ts'

const SENTINEL_PORT = 26_379
const CLUSTER_PORT = 6_379

/** The servers that are Redis now: one, or the masters of a cluster. */
export interface RedisServers {
  addresses: string[]
  /** The address of the one that holds a key or a channel. */
  addressOf(name: string): string
  /** @throws Error where a server says that it is otherwise now */
  confirm(client: RedisClientType): Promise<void>
}

/**
 * Where Redis is now: at its address, where the first Sentinel that answers says that the master is, or where a server of a cluster says
 * that the masters are. Asked anew for every connection, a failover needs nothing else. @throws Error where nobody knows
 */
export async function findRedis(url: string, connectMs: number): Promise<RedisServers> {
  const sentinels = SENTINEL_URL.exec(url)?.groups
  if (sentinels) return findMaster(sentinels, connectMs)
  const cluster = CLUSTER_URL.exec(url)?.groups
  if (cluster) return findCluster(cluster, connectMs)
  return { addresses: [url], addressOf: () => url, confirm: async () => undefined }
}

type UrlParts = Partial<Record<string, string>>

async function findMaster({ login, hosts, database = '', master = '' }: UrlParts, connectMs: number) {
  const urls = hostsOf(hosts, SENTINEL_PORT).map((host) => `redis://${host}`)
  const host = await firstAnswer(
    urls,
    connectMs,
    `No Sentinel knows where the master ${master} is`,
    async (sentinel) => {
      const name = decodeURIComponent(master)
      const found: unknown = await sentinel.sendCommand(['SENTINEL', 'get-master-addr-by-name', name])
      return Array.isArray(found) ? hostAndPort(String(found[0]), Number(found[1])) : undefined
    },
  )
  const address = `redis://${loginPart(login)}${host}${database}`
  return { addresses: [address], addressOf: () => address, confirm: assertMaster }
}

/** A master that was demoted takes messages for itself alone. */
async function assertMaster(client: RedisClientType): Promise<void> {
  const answer: unknown = await client.sendCommand(['ROLE'])
  const role = Array.isArray(answer) ? String(answer[0]) : ''
  if (role !== 'master') throw new Error(`Redis is a ${role} there, not the master`)
}

async function findCluster({ scheme, login, hosts }: UrlParts, connectMs: number) {
  const base = `${scheme}://${loginPart(login)}`
  const urls = hostsOf(hosts, CLUSTER_PORT).map((host) => base + host)
  // From any on: a server that is cut off from the others tells old things for as long as that lasts.
  urls.push(...urls.splice(0, Math.floor(Math.random() * urls.length)))
  const unknown = 'No server of the Redis Cluster tells who serves each slot'
  const { ranges, askedAt } = await firstAnswer(urls, connectMs, unknown, async (client, url) => {
    const ranges = await readSlots(client)
    const served = ranges.reduce((slots, { from, to }) => slots + to - from + 1, 0)
    return served === SLOTS ? { ranges, askedAt: new URL(url).hostname } : undefined
  })
  const bySlot = Array.from<string>({ length: SLOTS })
  // A server without a name of its own is where it was asked.
  for (const { from, to, host, port } of ranges) bySlot.fill(base + hostAndPort(host || askedAt, port), from, to + 1)
  return {
    addresses: [...new Set(bySlot)],
    addressOf: (name: string) => bySlot[keySlot(name)] ?? '',
    confirm: async (client: RedisClientType) => {
      if (JSON.stringify(await readSlots(client)) !== JSON.stringify(ranges))
        throw new Error('The slots of the Redis Cluster have moved')
    },
  }
}

async function readSlots(client: RedisClientType) {
  const ranges = await client.clusterSlots()
  return ranges
    .map(({ from, to, master: { host, port } }) => ({ from, to, host, port }))
    .toSorted((one, other) => one.from - other.from)
}

/** Asks one after the other. @throws Error with `failure` where none of them answers, or knows */
async function firstAnswer<T>(
  urls: string[],
  connectMs: number,
  failure: string,
  ask: (client: RedisClientType, url: string) => Promise<T | undefined>,
): Promise<T> {
  let cause: unknown
  for (const url of urls) {
    const client: RedisClientType = createClient({
      url,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      socket: { connectTimeout: connectMs, socketTimeout: connectMs, reconnectStrategy: false },
    })
    // What goes wrong rejects the command as well.
    client.on('error', () => undefined)
    try {
      await client.connect()
      const answer = await ask(client, url)
      if (answer !== undefined) return answer
    } catch (error) {
      cause = error
    } finally {
      if (client.isOpen) client.destroy()
    }
  }
  throw new Error(failure, { cause })
}

const hostsOf = (hosts = '', port: number): string[] =>
  hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:${port}`))

const hostAndPort = (host: string, port: number): string =>
  `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`

const loginPart = (login: string | undefined): string => (login === undefined ? '' : `${login}@`)
