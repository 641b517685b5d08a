import { existsSync } from 'node:fs'
import { pino } from 'pino'
import { loadConfig } from '../server/config.ts'
import { Database } from '../server/db/connect.ts'
import { partitionByTenant } from '../server/db/partition.ts'

const USAGE = `Splits the tables by tenant, into hash partitions. Stop the servers first; see docs/scaling.md.

  npm run partition -- 16     how many, from 2 to 256: a few times the cores of the largest Postgres that you expect
`

const count = Number(process.argv[2])
if (!Number.isInteger(count) || count < 2 || count > 256) {
  process.stderr.write(USAGE)
  process.exitCode = 2
} else await partition()

async function partition(): Promise<void> {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    const database = new Database(loadConfig(), pino({ level: 'warn' }))
    await database.open()
    const tables = await partitionByTenant(database.db, count)
    await database.close()
    const report = tables.length > 0 ? `Split into ${count}: ${tables.join(', ')}` : 'The tables have been split before'
    process.stdout.write(`${report}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
