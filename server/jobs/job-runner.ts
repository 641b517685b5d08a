import { Logger as JobLogger, type Runner, run, type TaskList } from 'graphile-worker'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { pauseFor } from '../lib/pause.ts'

/** What a job does. Runs at least once; it is tried again, ever later, while it throws. */
export type Task = (payload: unknown) => Promise<void>

/*
 * Jobs live in the same database (schema `graphile_worker`), so what asks for one asks in its own transaction
 * (`server/jobs/job-queue.ts`), and any server may do it.
 *
 *   new       nothing is open
 *   running   jobs are taken; a runner that gave up is replaced
 *   stopped   what was under way is through, and nothing is open
 */
const CONCURRENCY = 2
/** A message tells of jobs that are due at once; this finds those of later, and what was not told. */
const POLL_MS = 1_000
const RESTART_MS = 1_000

export class JobRunner {
  readonly #database: Database
  readonly #log: Logger
  readonly #tasks: TaskList
  readonly #stopping = new AbortController()
  #pool: Pool | undefined
  #running: Promise<void> | undefined
  #runner: Runner | undefined

  constructor(database: Database, log: Logger, tasks: Record<string, Task>) {
    this.#database = database
    this.#log = log
    this.#tasks = tasks
  }

  /** From then on jobs are done. Idempotent. */
  async start(): Promise<void> {
    if (this.#running || this.#stopping.signal.aborted) return
    this.#pool ??= await this.#database.openJobPool()
    this.#running ??= this.#run(this.#pool)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#runner?.stop().catch(() => undefined)
    await this.#running
    await this.#pool?.end()
    this.#pool = undefined
  }

  /** A runner gives up when the database is away for long: another one takes its place. */
  async #run(pgPool: Pool): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        this.#runner = await run({
          pgPool,
          taskList: this.#tasks,
          concurrency: CONCURRENCY,
          pollInterval: POLL_MS,
          noHandleSignals: true,
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

  /** What it tells of each job is for debugging; what fails is tried again. */
  #jobLogger(): JobLogger {
    return new JobLogger(({ taskIdentifier, jobId }) => (level, message) => {
      const isFault = level === 'error' || level === 'warning'
      if (this.#stopping.signal.aborted) return
      this.#log[isFault ? 'warn' : 'debug']({ task: taskIdentifier, job: jobId }, `jobs: ${message}`)
    })
  }
}
