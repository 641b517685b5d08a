import cluster, { type Worker } from 'node:cluster'
import type { Logger } from 'pino'
import { backOffMs, pauseFor } from '../lib/pause.ts'
import { isWorkerReport } from './worker-report.ts'

/** A slot for one worker: its process changes, the slot stays. */
interface WorkerSlot {
  worker: Worker | undefined
  /** Times of its workers' recent deaths, in milliseconds of `performance.now()`. */
  deaths: number[]
}

const BACK_OFF = { firstMs: 100, longestMs: 5_000 }
/** Deaths within this time count: a worker that dies repeatedly is replaced after growing waits. */
const MEMORY_MS = 10_000
/** A worker that has not stopped after this time is killed. */
const STOP_MS = 9_500

/**
 * The workers of this machine: processes that serve on the same port. A worker that dies is replaced, at first after 0.1 s and
 * then with a wait that doubles up to 5 s. If one can't start at the beginning, all stop; later, starting it is tried again.
 */
export class WorkerCrew {
  readonly #log: Logger
  readonly #env: Record<string, string>
  readonly #slots: WorkerSlot[]
  readonly #stopping = new AbortController()
  #replacing = new Set<Promise<void>>()
  #restart: Promise<void> | undefined

  /** `env` is added to this process's own environment for the workers. */
  constructor(count: number, env: Record<string, string>, log: Logger) {
    this.#log = log
    this.#env = env
    this.#slots = Array.from({ length: count }, () => ({ worker: undefined, deaths: [] }))
  }

  /** Resolves with the address when all of them serve. @throws Error with the reason of the first that can't start */
  async start(): Promise<string> {
    // Workers accept connections from the port themselves. If the primary handed them out in turns, a connection handed to a
    // worker that has just died would hang forever.
    cluster.schedulingPolicy = cluster.SCHED_NONE
    const urls = await Promise.all(this.#slots.map((slot) => this.#fill(slot)))
    for (const slot of this.#slots) this.#watch(slot)
    return urls[0] ?? ''
  }

  /** Replaces all workers one after another. Each new one serves before the old one stops. */
  restart(): Promise<void> {
    this.#restart ??= this.#replaceAll().finally(() => {
      this.#restart = undefined
    })
    return this.#restart
  }

  /** Stops all workers gracefully. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#slots.map(async ({ worker }) => worker && dismiss(worker)))
    await Promise.all(this.#replacing)
  }

  /** Kills all workers immediately. */
  kill(): void {
    this.#stopping.abort()
    for (const { worker } of this.#slots) worker?.process.kill('SIGKILL')
  }

  /** Starts a worker in this slot; resolves with its address. */
  async #fill(slot: WorkerSlot): Promise<string> {
    const worker = cluster.fork(this.#env)
    slot.worker = worker
    return whenReady(worker)
  }

  /** Replaces the worker of this slot when it dies, unless the slot has another worker by then. */
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

/** @throws Error with the worker's reason, or with how it ended */
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
