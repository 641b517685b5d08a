import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The workers of a server that runs several, by process id. Linux only. */
export function workerPids(primary: number | undefined): number[] {
  const children = readFileSync(`/proc/${primary}/task/${primary}/children`, 'utf8').trim().split(' ')
  return children.map(Number).filter((pid) => pid > 0 && isNode(pid))
}

/** The embedded Postgres is a child too. */
function isNode(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('launch.js')
  } catch {
    return false
  }
}

/** As Linux shows what a socket is doing: include/net/tcp_states.h. */
const LISTENING = '0A'
const ESTABLISHED = '01'

/** Those of them that take connections on this port by now. */
export const servingPids = (primary: number | undefined, port: number): number[] =>
  [...socketCounts(primary, port, LISTENING)].flatMap(([pid, count]) => (count > 0 ? [pid] : []))

/** How many connections each of them has on this port. */
export const connectionCounts = (primary: number | undefined, port: number): Map<number, number> =>
  socketCounts(primary, port, ESTABLISHED)

function socketCounts(primary: number | undefined, port: number, wanted: string): Map<number, number> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const found = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => address?.endsWith(local) && state === wanted)
  const sockets = new Set(found.map((fields) => `socket:[${fields[9]}]`))
  return new Map(workerPids(primary).map((pid) => [pid, openFiles(pid).filter((file) => sockets.has(file)).length]))
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
  } catch {
    // It has ended.
    return []
  }
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)]
  } catch {
    // Closed meanwhile.
    return []
  }
}

/** Resolves when there are these many, none of whom is `gone`. */
export async function untilWorkers(primary: number | undefined, count: number, gone: number[] = []): Promise<number[]> {
  while (true) {
    const pids = workerPids(primary)
    if (pids.length === count && !pids.some((pid) => gone.includes(pid))) return pids
    await sleep(50)
  }
}

/** Resolves when the process has ended, whether or not anybody has asked how. */
export async function untilEnded(pid: number): Promise<void> {
  while (isRunning(pid)) await sleep(20)
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
