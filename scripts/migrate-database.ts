import { existsSync } from 'node:fs'
import { pino } from 'pino'
import { loadConfig } from '../server/config.ts'
import { Database } from '../server/db/connect.ts'

try {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = loadConfig()
  const database = new Database(config, pino({ level: 'warn' }))
  const steps = await database.migrate()
  process.stdout.write(steps.length > 0 ? `Migrated: ${steps.join(', ')}\n` : 'The database is up to date\n')
  await database.close()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
