/** What a worker tells the primary: how its start went, and what it measures when it is asked. */
export type WorkerReport =
  | { type: 'ready'; url: string }
  | { type: 'failed'; reason: string }
  | { type: 'readings'; scrape: number; readings: object[] }

/** What the primary asks a worker for: its metrics, under a number that the answer carries. */
export interface ScrapeRequest {
  type: 'scrape'
  scrape: number
}

const typeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined

const REPORTS = new Set<unknown>(['ready', 'failed', 'readings'] satisfies WorkerReport['type'][])

export const isWorkerReport = (value: unknown): value is WorkerReport => REPORTS.has(typeOf(value))

export const isScrapeRequest = (value: unknown): value is ScrapeRequest => typeOf(value) === 'scrape'
