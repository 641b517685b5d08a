import { parseArgs } from 'node:util'
import { InstallationKeys, KEY_PURPOSES, SHORTEST_LIFE_SECONDS } from '../server/db/installation-keys.ts'
import { runScript, UsageError, withKnownDatabase } from './run-script.ts'

const USAGE = `Makes a new key of the installation. The one before it still verifies, until the next time; see docs/operations.md.

  npm run rotate-keys -- ${KEY_PURPOSES.join(' | ')}

Servers may run. Without DATABASE_URL it opens the embedded Postgres in DATA_DIR; the server must not be running there.
`

await runScript(USAGE, async (args) => {
  const [name, ...others] = parseArgs({ args, allowPositionals: true }).positionals
  const purpose = KEY_PURPOSES.find((known) => known === name)
  if (!purpose || others.length > 0) throw new UsageError(`Unable to rotate; name one key: ${KEY_PURPOSES.join(', ')}`)
  await withKnownDatabase('error', async (database) => {
    if (!(await new InstallationKeys(database).rotate(purpose))) {
      throw new Error(`Unable to rotate; the newest key for ${purpose} is younger than ${SHORTEST_LIFE_SECONDS} s`)
    }
    process.stdout.write(
      `Made a new key for ${purpose}. Servers sign with it within seconds; the one before it still verifies.\n`,
    )
  })
})
