import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { type Config, loadConfig } from '../server/config.ts'
import { Database } from '../server/db/database.ts'

/** The script was called wrongly; its usage is printed below the message. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Runs a script with its arguments. `--help` prints the usage and does nothing else. A failure prints one line to standard error and
 * ends with exit code 1, or the one that is given; a wrong call prints the usage as well and ends with 2.
 */
export async function runScript(
  usage: string,
  work: (args: string[]) => Promise<void>,
  { failure = 1 }: { failure?: number } = {},
): Promise<void> {
  const args = process.argv.slice(2)
  if (args.includes('--help')) return void process.stdout.write(usage)
  try {
    await work(args)
  } catch (error) {
    const isMisused = error instanceof UsageError || codeOf(error)?.startsWith('ERR_PARSE_ARGS_')
    process.stderr.write(isMisused ? `${messageOf(error)}\n\n${usage}` : `${messageOf(error)}\n`)
    process.exitCode = isMisused ? 2 : failure
  }
}

/** What a server here would be configured with: from the environment or `.env`. */
export function scriptConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return loadConfig()
}

/** Does the work with the database of the configuration, and closes it. */
export async function withDatabase(level: Logger['level'], work: (database: Database) => Promise<void>): Promise<void> {
  const database = new Database(scriptConfig(), pino({ level }))
  try {
    await database.open().catch((cause: unknown) => {
      throw /^unable/i.test(messageOf(cause))
        ? cause
        : new Error(`Unable to open the database; ${messageOf(cause)}`, { cause })
    })
    await work(database)
  } finally {
    await database.close()
  }
}

/** The same for work that needs data to be there: in a mistyped DATA_DIR no new cluster is made. */
export async function withKnownDatabase(...[level, work]: Parameters<typeof withDatabase>): Promise<void> {
  const { databaseUrl, dataDir } = scriptConfig()
  if (!databaseUrl && !existsSync(join(dataDir, 'postgres'))) {
    throw new Error(`Unable to find data in ${dataDir}; no server has run there, see DATA_DIR and DATABASE_URL`)
  }
  await withDatabase(level, work)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
