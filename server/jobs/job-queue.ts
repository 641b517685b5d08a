import { sql } from 'kysely'
import type { Tx } from '../db/schema.ts'

export interface NewJob {
  task: string
  payload: object
  runAt: Date
  /** Replaces the job that has the same key and is not under way. */
  key: string
}

/** Asks for a job, which there is once the transaction commits. */
export async function addJob(tx: Tx, { task, payload, runAt, key }: NewJob): Promise<void> {
  await sql`
    select graphile_worker.add_job(${task}, ${JSON.stringify(payload)}::json, run_at := ${runAt}::timestamptz, job_key := ${key})`.execute(
    tx,
  )
}

/** Takes a job back, unless it is under way. */
export async function removeJob(tx: Tx, key: string): Promise<void> {
  await sql`select graphile_worker.remove_job(${key})`.execute(tx)
}
