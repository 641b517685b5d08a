import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { pino } from 'pino'
import { loadConfig } from '../server/config.ts'
import { Database } from '../server/db/connect.ts'

const USAGE = `Begins another history in every room, so that no client mixes what it has with what is in the database now. Run it after
restoring a dump or a snapshot of a volume, before the servers start; see docs/operations.md.

  npm run new-epoch
`

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } })
  if (values.help) process.stdout.write(USAGE)
  else {
    if (existsSync('.env')) process.loadEnvFile('.env')
    await renew(new Database(loadConfig(), pino({ level: 'error' })))
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function renew(database: Database): Promise<void> {
  try {
    await database.renewEpochs()
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(database.db)
    process.stdout.write(
      `Renewed the epoch of database ${rows[0]?.name}: each of its rooms begins another history. Servers that run notice within ` +
        'seconds; every client gets a reset and fetches afresh.\n',
    )
  } finally {
    await database.close()
  }
}
