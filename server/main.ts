import { existsSync } from 'node:fs'
import { createApp } from './app.ts'
import { type Config, isDevelopment, loadConfig } from './config.ts'

/** The process: the environment, the app, the signals. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = loadConfig()
  const app = createApp(config)

  let isStopping = false
  const stop = (exitCode: number) => {
    // Twice means now.
    if (isStopping) process.exit(1)
    isStopping = true
    app.stop().then(() => process.exit(exitCode), fail)
  }
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))

  try {
    const { url } = await app.start()
    process.stdout.write(greeting(config, url))
  } catch (error) {
    say(explain(error, config))
    stop(1)
  }
}

function greeting(config: Config, url: string): string {
  const lines = [
    `Confab is ready at ${url}`,
    `  data      ${config.databaseUrl ? 'Postgres at DATABASE_URL' : config.dataDir}`,
    isDevelopment(config)
      ? '  sign in   on the page by any name, or: npm run token -- alice'
      : `  tokens    ${config.authJwksUrl ? `verified by ${config.authJwksUrl}` : 'signed with AUTH_SECRET'}`,
  ]
  if (config.redisUrl) lines.push('  note      REDIS_URL is set; this version runs on one node and does not use it')
  return `${lines.join('\n')}\n`
}

/** Why the server does not run, in words where the reason is known: one line for each fault. */
function explain(error: unknown, config?: Config): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return `Unable to listen on ${config?.host}:${config?.port}; the port is taken, set PORT to another`
  if (code === 'EACCES' && 'syscall' in error && error.syscall === 'listen') {
    return `Unable to listen on ${config?.host}:${config?.port}; it is not permitted, set PORT to another`
  }
  if (code !== undefined && config?.databaseUrl) return `Unable to use DATABASE_URL; ${error.message}`
  return /^unable/i.test(error.message) || error.name === 'ConfigError' ? error.message : (error.stack ?? error.message)
}

function say(text: string): void {
  process.stderr.write(`confab: ${text.replaceAll('\n', '\nconfab: ')}\n`)
}

function fail(error: unknown): void {
  say(explain(error))
  process.exit(1)
}

main().catch(fail)
