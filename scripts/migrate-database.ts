import { parseArgs } from 'node:util'
import { runScript, withDatabase } from './run-script.ts'

const USAGE = `Brings the database to this version without starting a server.

  npm run migrate

Without DATABASE_URL it opens the embedded Postgres in DATA_DIR; the server must not be running there.
`

await runScript(USAGE, async (args) => {
  parseArgs({ args })
  await withDatabase('warn', async (database) => {
    const steps = await database.migrate()
    process.stdout.write(steps.length > 0 ? `Migrated: ${steps.join(', ')}\n` : 'The database is up to date\n')
  })
})
