import { once } from 'node:events'
import { createServer } from 'node:net'
import { pino } from 'pino'
import { developmentSecret } from '../auth/development-secret.ts'
import { type Config, isDevelopment } from '../config.ts'
import { Database } from '../db/database.ts'
import { loggedError } from '../http/logged-error.ts'
import { type MetricsServer, startMetricsServer } from '../metrics/metrics-server.ts'
import { WorkerCrew } from './worker-crew.ts'
import { WorkerMetrics } from './worker-metrics.ts'

/** The parts that the workers of one machine share. */
export interface Primary {
  /** Resolves with the address when every worker serves. @throws Error with the reason if one can't */
  start(): Promise<{ url: string; metricsPort: number | undefined }>
  /** Replaces the workers one after another. */
  restart(): Promise<void>
  stop(): Promise<void>
  /** Kills the workers immediately. */
  kill(): void
}

/**
 * The process that owns everything that exists once: the embedded Postgres, migrations, the development secret, the sum of the
 * metrics. It serves no clients.
 */
export function createPrimary(config: Config): Primary {
  const log = pino({ level: config.logLevel, base: undefined, serializers: { err: loggedError } })
  const database = new Database(config, log)
  let crew: WorkerCrew | undefined
  let metricsServer: MetricsServer | undefined
  const metrics = new WorkerMetrics()
  const listenForMetrics = (port: number) =>
    startMetricsServer({
      port,
      host: config.metricsHost,
      token: config.metricsToken,
      text: () => metrics.text(),
      onError: (error) => log.error({ err: error }, 'unable to serve metrics'),
    })
  return {
    async start() {
      await database.open()
      const { url } = database
      // An external Postgres is no longer needed here; an embedded one has to keep running.
      if (config.databaseUrl) await database.close()
      if (isDevelopment(config)) await developmentSecret(config.dataDir)
      // Chosen before the first worker: if workers chose it, the port would change after all of them had died.
      const port = config.port === 0 ? await freePort(config.host) : config.port
      crew = new WorkerCrew(config.workers, { DATABASE_URL: url, PORT: `${port}` }, log)
      if (config.metricsPort !== undefined) metricsServer = await listenForMetrics(config.metricsPort)
      return { url: await crew.start(), metricsPort: metricsServer?.port }
    },
    async restart() {
      log.info('restarting the workers one by one')
      await crew?.restart()
    },
    async stop() {
      await crew?.stop()
      await metricsServer?.close()
      await database.close()
    },
    kill: () => crew?.kill(),
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
