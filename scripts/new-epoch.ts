import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { readRows } from '../server/db/checked-rows.ts'
import { isText } from '../server/lib/checks.ts'
import { runScript, withKnownDatabase } from './run-script.ts'

const USAGE = `Begins another history in every room, so that no client mixes what it has with what is in the database now.
Run it after restoring a dump or a snapshot of a volume, before the servers start; see docs/operations.md.

  npm run new-epoch

Without DATABASE_URL it opens the embedded Postgres in DATA_DIR; the server must not be running there.
`

await runScript(USAGE, async (args) => {
  parseArgs({ args })
  await withKnownDatabase('error', async (database) => {
    await database.renewEpochs()
    const named = { row: { name: isText }, sql: sql`select current_database() as name` }
    const [row] = await readRows(database.db, named)
    process.stdout.write(
      `Renewed the epoch of database ${row?.name}: each of its rooms begins another history.\n` +
        'Servers that run notice within seconds; every client gets a reset and fetches afresh.\n',
    )
  })
})
