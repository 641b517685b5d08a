import { parseArgs } from 'node:util'
import { partitionByTenant } from '../server/db/partition.ts'
import { runScript, UsageError, withDatabase } from './run-script.ts'

const USAGE = `Splits the tables by tenant, into hash partitions. Stop the servers first; see docs/scaling.md.

  npm run partition -- 16     how many, from 2 to 256: a few times the cores of the largest Postgres that you expect
`

await runScript(USAGE, async (args) => {
  const [text, ...others] = parseArgs({ args, allowPositionals: true }).positionals
  const count = Number(text)
  if (!Number.isInteger(count) || count < 2 || count > 256 || others.length > 0) {
    throw new UsageError('Unable to split the tables; say into how many, from 2 to 256')
  }
  await withDatabase('warn', async (database) => {
    const tables = await partitionByTenant(database.db, count)
    const report = tables.length > 0 ? `Split into ${count}: ${tables.join(', ')}` : 'The tables have been split before'
    process.stdout.write(`${report}\n`)
  })
})
