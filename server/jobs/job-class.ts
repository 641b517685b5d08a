export interface JobBounds {
  /** Jobs of the class at a time, in one process. */
  concurrency: number
  /** How long one job may take. Beyond it, its signal aborts, it counts as failed and is tried again. */
  maxMs: number
}

const MINUTE_MS = 60_000

/**
 * Every task belongs to a class by how long it takes. A class has a runner and connections of its own, so a job waits only for jobs
 * of its class. `maxMs` stays below 4 hours: graphile-worker then gives the job to another process.
 */
export const JOB_CLASSES = {
  /** Done in moments, and somebody waits for it: a scheduled message. */
  quick: { concurrency: 2, maxMs: MINUTE_MS },
  /** Goes through much of the database. */
  long: { concurrency: 1, maxMs: 180 * MINUTE_MS },
  /** Waits for a server that is not ours. */
  outgoing: { concurrency: 8, maxMs: MINUTE_MS },
} satisfies Record<string, JobBounds>

export type JobClass = keyof typeof JOB_CLASSES
