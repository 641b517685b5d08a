/** A worker's message to the primary: the outcome of its start, or its metrics on request. */
export type WorkerReport =
  | { type: 'ready'; url: string }
  | { type: 'failed'; reason: string }
  | { type: 'readings'; scrape: number; readings: object[] }

/** The primary's request for a worker's metrics, with a number that the response repeats. */
export interface ScrapeRequest {
  type: 'scrape'
  scrape: number
}

const typeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined

const REPORTS = new Set<unknown>(['ready', 'failed', 'readings'] satisfies WorkerReport['type'][])

export const isWorkerReport = (value: unknown): value is WorkerReport => REPORTS.has(typeOf(value))

export const isScrapeRequest = (value: unknown): value is ScrapeRequest => typeOf(value) === 'scrape'
