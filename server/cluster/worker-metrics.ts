import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry, type PrometheusContentType } from 'prom-client'
import { isWorkerReport, type ScrapeRequest } from './worker-report.ts'

/** A worker that does not answer in this time is left out of the sum, so that a frozen worker does not hide the others. */
const ANSWER_MS = 2_000

/** The combined metrics of all workers in Prometheus's text format. */
export class WorkerMetrics {
  #scrapes = 0

  async text(): Promise<string> {
    const scrape = ++this.#scrapes
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    const answers = await Promise.all(workers.map((worker) => readingsOf(worker, scrape)))
    return AggregatorRegistry.aggregate<PrometheusContentType>(answers.filter((each) => each !== undefined)).metrics()
  }
}

async function readingsOf(worker: Worker, scrape: number): Promise<object[] | undefined> {
  if (!worker.isConnected()) return undefined
  const { promise, resolve } = Promise.withResolvers<object[] | undefined>()
  const leaveOut = () => resolve(undefined)
  const hear = (report: unknown) => {
    if (isWorkerReport(report) && report.type === 'readings' && report.scrape === scrape) resolve(report.readings)
  }
  const late = setTimeout(leaveOut, ANSWER_MS)
  worker.on('message', hear).once('exit', leaveOut)
  worker.send({ type: 'scrape', scrape } satisfies ScrapeRequest, (error) => {
    if (error) leaveOut()
  })
  try {
    return await promise
  } finally {
    clearTimeout(late)
    worker.off('message', hear).off('exit', leaveOut)
  }
}
