export interface JobBounds {
  /** Concurrent jobs of the class in one process. */
  concurrency: number
  /** Time limit of a job. Beyond it the signal aborts, and the job counts as failed and is tried again. */
  maxMs: number
}

const MINUTE_MS = 60_000

/**
 * Every task belongs to a class by its duration. A class has its own runner and connections, so a job only waits for jobs of its
 * class. `maxMs` must stay below 4 hours, after which graphile-worker gives the job to another process.
 */
export const JOB_CLASSES = {
  /** Quick jobs that a user waits for, such as a scheduled message. */
  quick: { concurrency: 2, maxMs: MINUTE_MS },
  /** Jobs that read much of the database. */
  long: { concurrency: 1, maxMs: 180 * MINUTE_MS },
  /** Jobs that wait for an external server. */
  outgoing: { concurrency: 8, maxMs: MINUTE_MS },
} satisfies Record<string, JobBounds>

export type JobClass = keyof typeof JOB_CLASSES
