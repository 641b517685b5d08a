import cluster, { type Worker } from 'node:cluster'
import type { Logger } from 'pino'
import { backOffMs, pauseFor } from '../lib/pause.ts'
import { isWorkerReport } from './worker-report.ts'

/** One of the workers that there shall be: the process changes, the place stays. */
interface WorkerSlot {
  worker: Worker | undefined
  /** When its workers died of late, in milliseconds of `performance.now()`. */
  deaths: number[]
}

const BACK_OFF = { firstMs: 100, longestMs: 5_000 }
/** Deaths in this time count: who dies again and again is replaced later and later. */
const MEMORY_MS = 10_000
/** A worker that was told to stop and is still there is cut off. */
const STOP_MS = 9_500

/**
 * The workers of this machine, each a process that serves on the one port. A worker that dies is replaced: the first time after
 * 0.1 s, then with a wait that doubles, up to 5 s. One that can't start at the beginning is a reason for all to stop; later it is
 * tried again.
 */
export class WorkerCrew {
  readonly #log: Logger
  readonly #env: Record<string, string>
  readonly #slots: WorkerSlot[]
  readonly #stopping = new AbortController()
  #replacing = new Set<Promise<void>>()
  #restart: Promise<void> | undefined

  /** `env` is what the workers get beside this process's own environment. */
  constructor(count: number, env: Record<string, string>, log: Logger) {
    this.#log = log
    this.#env = env
    this.#slots = Array.from({ length: count }, () => ({ worker: undefined, deaths: [] }))
  }

  /** Resolves with the address when all of them serve. @throws Error with the reason of the first that can't start */
  async start(): Promise<string> {
    // Workers take connections from the port themselves. Handed out by the primary in turns, one that was handed to a worker
    // which has just died would hang for ever.
    cluster.schedulingPolicy = cluster.SCHED_NONE
    const urls = await Promise.all(this.#slots.map((slot) => this.#fill(slot)))
    for (const slot of this.#slots) this.#watch(slot)
    return urls[0] ?? ''
  }

  /** Replaces all workers, one after the other: the new one serves before the old one stops. */
  restart(): Promise<void> {
    this.#restart ??= this.#replaceAll().finally(() => {
      this.#restart = undefined
    })
    return this.#restart
  }

  /** Ends all in good order. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#slots.map(async ({ worker }) => worker && dismiss(worker)))
    await Promise.all(this.#replacing)
  }

  /** Ends all at once. */
  kill(): void {
    this.#stopping.abort()
    for (const { worker } of this.#slots) worker?.process.kill('SIGKILL')
  }

  /** Starts a worker in this place; resolves with where it serves. */
  async #fill(slot: WorkerSlot): Promise<string> {
    const worker = cluster.fork(this.#env)
    slot.worker = worker
    return whenReady(worker)
  }

  /** Replaces the worker of this place once it is gone, unless another one has taken its place by then. */
  #watch(slot: WorkerSlot): void {
    const { worker } = slot
    if (!worker) return
    const replace = () => {
      if (slot.worker !== worker || this.#stopping.signal.aborted) return
      const replacing = this.#replace(slot, worker).finally(() => this.#replacing.delete(replacing))
      this.#replacing.add(replacing)
    }
    if (worker.isDead()) replace()
    else worker.once('exit', replace)
  }

  async #replace(slot: WorkerSlot, dead: Worker): Promise<void> {
    const { signal } = this.#stopping
    const { exitCode, signalCode } = dead.process
    this.#log.warn({ pid: dead.process.pid, exitCode, signalCode }, 'a worker ended; replacing it')
    while (!signal.aborted) {
      const now = performance.now()
      slot.deaths = [...slot.deaths.filter((at) => now - at < MEMORY_MS), now]
      await pauseFor(backOffMs(BACK_OFF, slot.deaths.length), signal, { isRef: true })
      if (signal.aborted) return
      try {
        await this.#fill(slot)
        this.#watch(slot)
        return
      } catch (error) {
        if (!signal.aborted) this.#log.error({ err: error }, 'unable to start a worker; trying again')
      }
    }
  }

  async #replaceAll(): Promise<void> {
    for (const slot of this.#slots) {
      const old = slot.worker
      if (this.#stopping.signal.aborted || !old || old.isDead()) continue
      try {
        await this.#fill(slot)
      } catch (error) {
        if (slot.worker?.isDead()) slot.worker = old
        this.#watch(slot)
        this.#log.error({ err: error }, 'unable to restart; a new worker failed to start and the old ones stay')
        return
      }
      this.#watch(slot)
      await dismiss(old)
    }
  }
}

/** @throws Error with what the worker says, or that it ended */
async function whenReady(worker: Worker): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const hear = (report: unknown) => {
    if (!isWorkerReport(report)) return
    if (report.type === 'ready') resolve(report.url)
    else if (report.type === 'failed') reject(new Error(report.reason))
  }
  const ended = (code: number | null, signal: string | null) =>
    reject(new Error(`Unable to start a worker; it ended with ${signal ?? code} before it was ready`))
  worker.on('message', hear).once('exit', ended)
  try {
    return await promise
  } finally {
    worker.off('message', hear).off('exit', ended)
  }
}

async function dismiss(worker: Worker): Promise<void> {
  if (worker.isDead()) return
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  worker.once('exit', () => resolve())
  const cut = setTimeout(() => worker.process.kill('SIGKILL'), STOP_MS)
  worker.process.kill('SIGTERM')
  await gone
  clearTimeout(cut)
}
