import { readFileSync } from 'node:fs'

/** Processes whose CPU is counted. */
export interface Watched {
  server: number
  generator: number
  /** The postmaster; 0 where Postgres runs elsewhere. */
  postmaster: number
}

/** CPU in seconds, from some fixed moment on or between two moments. */
export interface Usage {
  seconds: number
  server: number
  generator: number
  /** All of Postgres's processes; 0 where it runs elsewhere. */
  postgres: number
  /** The whole machine, what others stole from it included. */
  machine: number
}

/** /proc counts in ticks of 10 ms, whatever the kernel's own. */
const TICKS_PER_SECOND = 100

export function readUsage({ server, generator, postmaster }: Watched): Usage {
  return {
    seconds: performance.now() / 1_000,
    server: cpuOf(server).own,
    generator: cpuOf(generator).own,
    postgres: postmaster > 0 ? cpuOfFamily(postmaster) : 0,
    machine: cpuOfMachine(),
  }
}

export const usageSince = (before: Usage, after: Usage): Usage => ({
  seconds: after.seconds - before.seconds,
  server: after.server - before.server,
  generator: after.generator - before.generator,
  postgres: after.postgres - before.postgres,
  machine: after.machine - before.machine,
})

/** Cores that everything else on the machine used. */
export const othersCores = ({ machine, server, generator, postgres, seconds }: Usage): number =>
  Math.max(0, (machine - server - generator - postgres) / seconds)

/** User and system time of a process, and of its children that have ended. Of one that is gone: nothing. */
function cpuOf(pid: number): { own: number; ended: number } {
  const text = readProc(`${pid}/stat`)
  // The name, in parentheses, may hold anything; behind it fields are separated by spaces, the first being the third of proc(5).
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const ticks = (...at: number[]) => at.reduce((sum, field) => sum + (fields[field] ?? 0), 0) / TICKS_PER_SECOND
  return { own: ticks(11, 12), ended: ticks(13, 14) }
}

/** User and system time of a process and its children. */
export function cpuOfFamily(parent: number): number {
  const children = readProc(`${parent}/task/${parent}/children`).split(' ').filter(Boolean).map(Number)
  const { own, ended } = cpuOf(parent)
  return children.reduce((sum, child) => sum + cpuOf(child).own, own + ended)
}

function cpuOfMachine(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = readProc('stat')
    .split('\n', 1)
    .flatMap((line) => line.split(/\s+/).slice(1).map(Number))
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`))?.[1]
  return Number(kibibytes ?? 0) * 1_024
}

/** The process that a process was started by, if it bears this name. */
export function parentNamed(pid: number, name: string): number {
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(readProc(`${pid}/status`))?.[1] ?? 0)
  return parent > 1 && readProc(`${parent}/comm`).trim() === name ? parent : 0
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
