import { existsSync } from 'node:fs'
import { pino } from 'pino'
import { loadConfig } from '../server/config.ts'
import { Database } from '../server/db/connect.ts'
import { InstallationKeys, KEY_PURPOSES, SHORTEST_LIFE_SECONDS } from '../server/db/installation-keys.ts'

const USAGE = `Makes a new key of the installation; the one before it still verifies, until the next time. Servers may run.

  npm run rotate-keys -- ${KEY_PURPOSES.join(' | ')}
`

const purpose = KEY_PURPOSES.find((known) => known === process.argv[2])
if (purpose) await rotate(purpose)
else {
  process.stderr.write(USAGE)
  process.exitCode = 2
}

async function rotate(name: (typeof KEY_PURPOSES)[number]): Promise<void> {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    const database = new Database(loadConfig(), pino({ level: 'error' }))
    try {
      const isRotated = await new InstallationKeys(database).rotate(name)
      if (!isRotated) {
        throw new Error(`Unable to rotate; the newest key for ${name} is younger than ${SHORTEST_LIFE_SECONDS} s`)
      }
      process.stdout.write(
        `Made a new key for ${name}. Servers sign with it within seconds; the one before it still verifies.\n`,
      )
    } finally {
      await database.close()
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
