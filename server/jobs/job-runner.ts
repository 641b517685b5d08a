import { Logger as JobLogger, type Runner, run, type TaskList } from 'graphile-worker'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { pauseFor } from '../lib/pause.ts'
import type { JobBounds } from './job-class.ts'

/**
 * Performs a job. Runs at least once; after a failure it is tried again with growing delays. The signal aborts when the job's
 * time is up or the server stops. A task that ignores it is no longer waited for once its time is up.
 */
export type Task = (payload: unknown, signal: AbortSignal) => Promise<void>

/*
 * Jobs are stored in the same database (schema `graphile_worker`): they are added within the caller's transaction
 * (`server/jobs/job-queue.ts`), and any server may run them.
 *
 *   new       nothing is open
 *   running   jobs are taken; a runner that gave up is replaced
 *   stopped   running jobs have finished, and nothing is open
 */
/** Jobs that are due at once are announced by a message. The poll finds later ones, and those whose message was lost. */
const POLL_MS = 1_000
const RESTART_MS = 1_000
/**
 * Without batches, graphile-worker 0.18 does not catch failures when it records the end of a job: a database that is away at that
 * moment would end the process. With batches such a failure ends the runner, which is replaced.
 */
const HANDLED_COMPLETION = { completeJobBatchDelay: 0, failJobBatchDelay: 0 }

export class JobRunner {
  readonly #database: Database
  readonly #log: Logger
  readonly #bounds: JobBounds
  readonly #tasks: TaskList
  readonly #stopping = new AbortController()
  #pool: Pool | undefined
  #running: Promise<void> | undefined
  #runner: Runner | undefined

  constructor(database: Database, log: Logger, tasks: Record<string, Task>, bounds: JobBounds) {
    this.#database = database
    this.#log = log
    this.#bounds = bounds
    this.#tasks = Object.fromEntries(
      Object.entries(tasks).map(([name, task]) => [name, (payload: unknown) => this.#runBounded(task, payload)]),
    )
  }

  /** Runs jobs from now on. Idempotent. */
  async start(): Promise<void> {
    if (this.#running || this.#stopping.signal.aborted) return
    this.#pool ??= await this.#database.openJobPool(this.#bounds.concurrency)
    this.#running ??= this.#run(this.#pool)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#runner?.stop().catch(() => undefined)
    await this.#running
    await this.#pool?.end()
    this.#pool = undefined
  }

  /** A runner gives up when the database is away for long, and is then replaced. */
  async #run(pgPool: Pool): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        this.#runner = await run({
          pgPool,
          taskList: this.#tasks,
          concurrency: this.#bounds.concurrency,
          pollInterval: POLL_MS,
          noHandleSignals: true,
          preset: { worker: HANDLED_COMPLETION },
          logger: this.#jobLogger(),
        })
        if (signal.aborted) await this.#runner.stop()
        await this.#runner.promise
      } catch (error) {
        if (!signal.aborted) this.#log.warn({ err: error }, 'unable to run jobs; trying again')
      }
      this.#runner = undefined
      await pauseFor(RESTART_MS, signal)
    }
  }

  async #runBounded(task: Task, payload: unknown): Promise<void> {
    const overdue = new AbortController()
    const { promise: timeIsUp, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const error = new Error(`Unable to continue; a job of this class may take ${this.#bounds.maxMs / 1_000} s`)
      overdue.abort(error)
      reject(error)
    }, this.#bounds.maxMs)
    try {
      await Promise.race([task(payload, AbortSignal.any([overdue.signal, this.#stopping.signal])), timeIsUp])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Logs graphile-worker's messages about jobs for debugging only; failures are tried again. */
  #jobLogger(): JobLogger {
    return new JobLogger(({ taskIdentifier, jobId }) => (level, message) => {
      const isFault = level === 'error' || level === 'warning'
      if (this.#stopping.signal.aborted) return
      this.#log[isFault ? 'warn' : 'debug']({ task: taskIdentifier, job: jobId }, `jobs: ${message}`)
    })
  }
}
