import type { RedisClientType } from 'redis'
import { CLUSTER_URL, SENTINEL_URL } from '../config.ts'
import { keySlot, SLOTS } from './key-slot.ts'
import { newRedisClient } from './redis-client.ts'

const SENTINEL_PORT = 26_379
const CLUSTER_PORT = 6_379

/** The current Redis servers: a single one, or the masters of a cluster. */
export interface RedisServers {
  addresses: string[]
  /** The address of the server that holds a key or channel. */
  addressOf(name: string): string
  /** Channels of the same group may share a command. */
  groupOf(name: string): number
  /** @throws Error if the server reports another role or layout */
  confirm(client: RedisClientType): Promise<void>
}

/**
 * Finds the current Redis: at its own address, at the master that the first answering Sentinel reports, or at the masters that a
 * server of a cluster reports. Each new connection asks again, which is all that a failover requires. @throws Error if no server
 * knows
 */
export async function findRedis(url: string, bounds: SearchBounds): Promise<RedisServers> {
  const sentinels = SENTINEL_URL.exec(url)?.groups
  if (sentinels) return findMaster(sentinels, bounds)
  const cluster = CLUSTER_URL.exec(url)?.groups
  if (cluster) return findCluster(cluster, bounds)
  return oneServer(url, async () => undefined)
}

interface SearchBounds {
  /** Timeout for each server that is asked. */
  connectMs: number
  signal: AbortSignal
}

type UrlParts = Partial<Record<string, string>>

const oneServer = (address: string, confirm: RedisServers['confirm']): RedisServers => ({
  addresses: [address],
  addressOf: () => address,
  groupOf: () => 0,
  confirm,
})

async function findMaster(
  { login, hosts, database = '', master = '' }: UrlParts,
  bounds: SearchBounds,
): Promise<RedisServers> {
  const urls = hostsOf(hosts, SENTINEL_PORT).map((host) => `redis://${host}`)
  const question = { urls, failure: `No Sentinel knows the address of the master ${master}` }
  const host = await firstAnswer(question, bounds, async (sentinel) => {
    const name = decodeURIComponent(master)
    const found: unknown = await sentinel.sendCommand(['SENTINEL', 'get-master-addr-by-name', name])
    return Array.isArray(found) ? hostAndPort(String(found[0]), Number(found[1])) : undefined
  })
  return oneServer(`redis://${loginPart(login)}${host}${database}`, assertMaster)
}

/** A demoted master accepts messages but delivers them only to its own clients. */
async function assertMaster(client: RedisClientType): Promise<void> {
  const answer: unknown = await client.sendCommand(['ROLE'])
  const role = Array.isArray(answer) ? String(answer[0]) : ''
  if (role !== 'master') throw new Error(`Redis at this address is a ${role}, not the master`)
}

async function findCluster({ scheme, login, hosts }: UrlParts, bounds: SearchBounds): Promise<RedisServers> {
  const base = `${scheme}://${loginPart(login)}`
  const urls = hostsOf(hosts, CLUSTER_PORT).map((host) => base + host)
  // Starts at a random server: one that is cut off from the others keeps reporting an old layout.
  urls.push(...urls.splice(0, Math.floor(Math.random() * urls.length)))
  const question = { urls, failure: 'No server of the Redis Cluster tells who serves each slot' }
  const { ranges, askedAt } = await firstAnswer(question, bounds, async (client, url) => {
    const ranges = await readSlots(client)
    const served = ranges.reduce((slots, { from, to }) => slots + to - from + 1, 0)
    return served === SLOTS ? { ranges, askedAt: new URL(url).hostname } : undefined
  })
  const bySlot = Array.from<string>({ length: SLOTS })
  // A server without a name of its own has the address at which it was asked.
  for (const { from, to, host, port } of ranges) bySlot.fill(base + hostAndPort(host || askedAt, port), from, to + 1)
  return {
    addresses: [...new Set(bySlot)],
    addressOf: (name) => bySlot[keySlot(name)] ?? '',
    groupOf: keySlot,
    confirm: async (client) => {
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

/** Asks one server after another. @throws Error with the message `failure` if none of them answers with a result */
async function firstAnswer<T>(
  { urls, failure }: { urls: string[]; failure: string },
  { connectMs, signal }: SearchBounds,
  ask: (client: RedisClientType, url: string) => Promise<T | undefined>,
): Promise<T> {
  let cause: unknown
  for (const url of urls) {
    const client = newRedisClient(url, connectMs, AbortSignal.any([signal, AbortSignal.timeout(connectMs)]))
    // The failing command rejects as well.
    client.on('error', () => undefined)
    try {
      await client.connect()
      const answer = await ask(client, url)
      if (answer !== undefined) return answer
    } catch (error) {
      cause = error
    } finally {
      client.destroy()
    }
    if (signal.aborted) break
  }
  throw new Error(failure, { cause })
}

const hostsOf = (hosts = '', port: number): string[] =>
  hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:${port}`))

const hostAndPort = (host: string, port: number): string =>
  `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`

const loginPart = (login: string | undefined): string => (login === undefined ? '' : `${login}@`)
