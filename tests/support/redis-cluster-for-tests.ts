import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RedisClientType } from 'redis'
import { freePort } from './free-port.ts'
import { connectToRedis, startTestRedis, type TestRedis } from './redis-for-tests.ts'

export interface TestCluster {
  url: string
  /** A third of the slots each, from the lowest to the highest. */
  masters: [TestClusterServer, TestClusterServer, TestClusterServer]
  end(): Promise<void>
}

export interface TestClusterServer extends TestRedis {
  id: string
  clusterPort: string
  client: RedisClientType
}

/** Three masters; the first has a replica that takes its place some seconds after it has gone. Needs `redis-server` on this machine. */
export async function startTestCluster(): Promise<TestCluster> {
  await using ends = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'confab-cluster-'))
  ends.defer(() => rm(directory, { recursive: true, force: true }))
  const start = async () => {
    const server = await startServer(directory)
    ends.defer(() => server.kill())
    ends.defer(() => server.client.destroy())
    return server
  }
  const masters: TestCluster['masters'] = [await start(), await start(), await start()]
  const [first] = masters
  const replica = await start()
  const servers = [...masters, replica]
  for (const [at, slots] of [
    ['0', '5460'],
    ['5461', '10922'],
    ['10923', '16383'],
  ].entries()) {
    const client = masters[at]?.client
    await client?.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', `${at + 1}`])
    await client?.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', ...slots])
  }
  for (const { port, clusterPort } of servers.slice(1))
    await first.client.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', `${port}`, clusterPort])
  // Whom the replica does not know it can't follow.
  await becomes(async () => {
    const known = await Promise.all(servers.map(({ client }) => client.clusterInfo()))
    return known.every((info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:4'))
  })
  await replica.client.clusterReplicate(first.id)
  await becomes(async () => {
    const told = await Promise.all(masters.map(({ client }) => client.clusterSlots()))
    const isReady = (await replica.client.info('replication')).includes('master_link_status:up')
    return isReady && told.every((ranges) => ranges.some(({ replicas }) => replicas.length === 1))
  })
  const started = ends.move()
  return {
    url: `redis-cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    masters,
    end: () => started.disposeAsync(),
  }
}

async function startServer(directory: string): Promise<TestClusterServer> {
  const clusterPort = `${await freePort()}`
  const file = join(directory, `${clusterPort}.conf`)
  const options = `--cluster-enabled yes --cluster-port ${clusterPort} --cluster-node-timeout 2000 --cluster-replica-validity-factor 0`
  const redis = await startTestRedis([...options.split(' '), '--cluster-config-file', file])
  const client = await connectToRedis(redis.url)
  return { ...redis, client, clusterPort, id: await client.clusterMyId() }
}

/** Servers of a cluster learn of each other by gossip, and tell nobody when they have. */
async function becomes(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(20_000)
  while (!(await isSo())) deadline.throwIfAborted()
}
