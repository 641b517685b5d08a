import { connectionCounts, servingPids } from '../support/worker-pids.ts'
import type { FaultWorld } from './fault-world.ts'

const portOf = ({ server }: FaultWorld) => Number(new URL(server.url).port)

/** Workers that take connections. */
export const servingWorkers = (world: FaultWorld): number[] => servingPids(world.server.child.pid, portOf(world))

/** Workers that somebody is connected to: what happens to the others, nobody notices. */
export const busyWorkers = (world: FaultWorld): number[] =>
  [...connectionCounts(world.server.child.pid, portOf(world))].flatMap(([pid, count]) => (count > 0 ? [pid] : []))

/** By how many connections the busiest worker may be ahead of the idlest. */
const UNEVEN = 2
const TRIES = 6

/**
 * Connects, and again where it went to a worker that has many already: workers take connections from one port as each comes first, and on
 * a quiet machine one of them may take them all.
 */
export async function connectEvenly<T extends { close(): Promise<void> }>(
  world: FaultWorld,
  connect: () => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const client = await connect()
    const counts = [...connectionCounts(world.server.child.pid, portOf(world)).values()]
    if (tried === TRIES || Math.max(...counts) - Math.min(...counts) <= UNEVEN) return client
    await client.close()
  }
}
