import cluster from 'node:cluster'
import { existsSync } from 'node:fs'
import { createApp } from './app.ts'
import { createPrimary } from './cluster/primary.ts'
import { isScrapeRequest, type WorkerReport } from './cluster/worker-report.ts'
import { type Config, isDevelopment, loadConfig } from './config.ts'

/** Time limit of a graceful stop; a worker's is slightly shorter. What remains is then killed. */
const STOP_MS = 10_000
const WORKER_STOP_MS = 9_000
/**
 * Connections to Postgres shared by the workers of a machine, in addition to a process's writers: four, plus four for waiting
 * writes.
 */
const SHARED_POOL = 80
const SMALLEST_POOL = 4
const LARGEST_POOL = 20
const WRITERS = 4

/** The process: its environment, the app or its workers, and signals. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = loadConfig()
  if (cluster.isWorker) await runWorker(config)
  else if (config.workers > 1) await runPrimary(config)
  else await runAlone(config)
}

async function runAlone(config: Config): Promise<void> {
  const app = createApp(config)
  const stop = stopper(STOP_MS, () => app.stop())
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))
  try {
    const { url, metricsPort } = await app.start()
    process.stdout.write(greeting(config, url, metricsPort))
  } catch (error) {
    say(explain(error, config))
    stop(1)
  }
}

async function runPrimary(config: Config): Promise<void> {
  const primary = createPrimary(config)
  const stop = stopper(
    STOP_MS,
    () => primary.stop(),
    () => primary.kill(),
  )
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))
  process.on('SIGUSR2', () => void primary.restart())
  try {
    const { url, metricsPort } = await primary.start()
    process.stdout.write(greeting(config, url, metricsPort))
  } catch (error) {
    say(explain(error, config))
    stop(1)
  }
}

/** One of several processes on one port. Reports the outcome of its start to the primary, and stops when the primary says to. */
async function runWorker(config: Config): Promise<void> {
  const share = Math.floor(SHARED_POOL / config.workers) - WRITERS
  const poolSize = Math.max(SMALLEST_POOL, Math.min(LARGEST_POOL, share))
  const app = createApp({ ...config, workers: 1, metricsPort: undefined }, { poolSize })
  const stop = stopper(WORKER_STOP_MS, () => app.stop())
  // A terminal, and maybe a supervisor, interrupts the whole process group: the primary decides whether to stop.
  process.on('SIGINT', () => undefined)
  let isStopping = false
  const stopOnce = () => {
    if (isStopping) return
    isStopping = true
    stop(0)
  }
  process.on('SIGTERM', stopOnce)
  process.on('message', (request) => {
    if (!isScrapeRequest(request)) return
    const { scrape } = request
    app.metrics.readings().then((readings) => report({ type: 'readings', scrape, readings }), fail)
  })
  try {
    const { url } = await app.start()
    report({ type: 'ready', url })
  } catch (error) {
    report({ type: 'failed', reason: explain(error, config) })
    stop(1)
  }
}

function report(message: WorkerReport): void {
  process.send?.(message)
}

/** Stops the process gracefully, or immediately if called twice. */
function stopper(limitMs: number, work: () => Promise<void>, atOnce?: () => void): (exitCode: number) => void {
  let isStopping = false
  return (exitCode) => {
    if (isStopping) {
      atOnce?.()
      process.exit(1)
    }
    isStopping = true
    const cut = setTimeout(() => {
      say(`Unable to stop gracefully within ${limitMs / 1_000} s; ending now`)
      atOnce?.()
      process.exit(exitCode)
    }, limitMs)
    work().then(() => {
      clearTimeout(cut)
      process.exit(exitCode)
    }, fail)
  }
}

function greeting(config: Config, url: string, metricsPort?: number): string {
  const lines = [
    `Confab is ready at ${url}`,
    `  data      ${config.databaseUrl ? 'Postgres at DATABASE_URL' : config.dataDir}`,
    isDevelopment(config)
      ? '  sign in   on the page by any name, or: npm run token -- alice'
      : `  tokens    ${config.authJwksUrl ? `verified by ${config.authJwksUrl}` : 'signed with AUTH_SECRET'}`,
  ]
  if (metricsPort !== undefined) lines.push(`  metrics   http://${config.metricsHost}:${metricsPort}/metrics`)
  if (config.workers > 1)
    lines.push(`  workers   ${config.workers}, of process ${process.pid}; SIGUSR2 restarts them one by one`)
  if (config.redisUrl) lines.push('  nodes     joined by Redis at REDIS_URL')
  return `${lines.join('\n')}\n`
}
/** The reason why the server does not run, in plain words if it is known: one line per fault. */
function explain(error: unknown, config?: Config): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  const isOfMetrics = 'port' in error && error.port === config?.metricsPort
  const [where, name] = isOfMetrics
    ? [`${config?.metricsHost}:${config?.metricsPort}`, 'METRICS_PORT']
    : [`${config?.host}:${config?.port}`, 'PORT']
  if (code === 'EADDRINUSE') return `Unable to listen on ${where}; the port is taken, set ${name} to another`
  if (code === 'EACCES' && 'syscall' in error && error.syscall === 'listen') {
    return `Unable to listen on ${where}; it is not permitted, set ${name} to another`
  }
  const isExplained = /^unable/i.test(error.message)
  if (code !== undefined && config?.databaseUrl && !isExplained) return `Unable to use DATABASE_URL; ${error.message}`
  return isExplained || error.name === 'ConfigError' ? error.message : (error.stack ?? error.message)
}

function say(text: string): void {
  process.stderr.write(`confab: ${text.replaceAll('\n', '\nconfab: ')}\n`)
}

function fail(error: unknown): void {
  say(explain(error))
  process.exit(1)
}

main().catch(fail)
