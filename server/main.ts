import { existsSync } from 'node:fs'
import { createApp } from './app.ts'
import { ConfigError, isDevelopment, loadConfig } from './config.ts'

/** The process: the environment, the app, the signals. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = loadConfig()
  const app = createApp(config)

  let isStopping = false
  const onSignal = () => {
    // Twice means now.
    if (isStopping) process.exit(1)
    isStopping = true
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  const { url } = await app.start()
  const lines = [
    `Confab is ready at ${url}`,
    `  data      ${config.databaseUrl ? 'Postgres at DATABASE_URL' : config.dataDir}`,
    isDevelopment(config)
      ? '  sign in   on the page by any name, or: npm run token -- alice'
      : `  tokens    ${config.authJwksUrl ? `verified by ${config.authJwksUrl}` : 'signed with AUTH_SECRET'}`,
  ]
  if (config.redisUrl) lines.push('  note      REDIS_URL is set; this version runs on one node and does not use it')
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Every reason not to run, in words, on one line each. */
function fail(error: unknown): void {
  const known = error instanceof ConfigError || (error instanceof Error && /^Unable/i.test(error.message))
  const text =
    known && error instanceof Error ? error.message : (error instanceof Error && error.stack) || String(error)
  process.stderr.write(`confab: ${text.replaceAll('\n', '\nconfab: ')}\n`)
  process.exit(1)
}

main().catch(fail)
