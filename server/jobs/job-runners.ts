import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { JOB_CLASSES, type JobBounds, type JobClass } from './job-class.ts'
import { JobRunner, type Task } from './job-runner.ts'

/** Tasks by class and by name. A name belongs to one class. */
export type JobTasks = Partial<Record<JobClass, Record<string, Task>>>

/** Runs the jobs of this process: a runner for each class that has tasks. */
export class JobRunners {
  readonly #runners: JobRunner[]

  constructor(database: Database, log: Logger, tasks: JobTasks, bounds: Record<JobClass, JobBounds> = JOB_CLASSES) {
    const classes: JobClass[] = ['quick', 'long', 'outgoing']
    this.#runners = classes.flatMap((name) => {
      const ofClass = tasks[name]
      return ofClass ? [new JobRunner(database, log, ofClass, bounds[name])] : []
    })
  }

  /** Takes jobs from now on. Idempotent. */
  async start(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.start()))
  }

  /** Takes no more jobs, aborts the signals of running ones, and resolves when they have ended. */
  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()))
  }
}
