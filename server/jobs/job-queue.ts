import { sql } from 'kysely'
import type { Tx } from '../db/schema.ts'

export interface NewJob {
  task: string
  payload: object
  runAt: Date
  /** Replaces a job with the same key that is not running. */
  key: string
}

/** Adds a job, which exists once the transaction commits. */
export async function addJob(tx: Tx, { task, payload, runAt, key }: NewJob): Promise<void> {
  await sql`
    select graphile_worker.add_job(${task}, ${JSON.stringify(payload)}::json, run_at := ${runAt}::timestamptz, job_key := ${key})`.execute(
    tx,
  )
}

/** Removes a job unless it is running. */
export async function removeJob(tx: Tx, key: string): Promise<void> {
  await sql`select graphile_worker.remove_job(${key})`.execute(tx)
}
