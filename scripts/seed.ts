import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { loadConfig } from '../server/config.ts'
import { Database } from '../server/db/database.ts'
import { seedDatabase } from './seed/seed-database.ts'

const USAGE = `Fills a database with people, rooms and messages, to try things out and to measure.

  npm run seed
  npm run seed -- --messages 10000 --rooms 100 --users 50
  npm run seed -- --tenant acme --seed another --add

Without DATABASE_URL it fills the embedded Postgres in DATA_DIR; the server must not be running there.
`

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const MOST = 100_000_000

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > MOST)
    fail(`Unable to seed; --${name} must be from 1 to ${MOST}\n\n${USAGE}`)
  return value
}

/** One line that counts up; on a terminal in place, else at every tenth. */
function progress(): (what: string, done: number, of: number) => void {
  const started = performance.now()
  let shown = ''
  return (what, done, of) => {
    const seconds = ((performance.now() - started) / 1_000).toFixed(0)
    const isEnd = done >= of
    if (process.stdout.isTTY) {
      process.stdout.write(`\r${done} of ${of} ${what}, ${seconds} s${isEnd ? '\n' : ''}`)
      return
    }
    const step = `${what} ${Math.floor((done / Math.max(1, of)) * 10)}`
    if (step !== shown) process.stdout.write(`${done} of ${of} ${what}, ${seconds} s\n`)
    shown = step
  }
}

try {
  const { values } = parseArgs({
    options: {
      messages: { type: 'string', default: '1000000' },
      rooms: { type: 'string', default: '10000' },
      users: { type: 'string', default: '1000' },
      tenant: { type: 'string', default: 'default' },
      seed: { type: 'string', default: 'confab' },
      add: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  if (existsSync('.env')) process.loadEnvFile('.env')
  const database = new Database(loadConfig(), pino({ level: 'warn' }))
  try {
    await seedDatabase(database, {
      tenant: values.tenant,
      seed: values.seed,
      add: values.add,
      users: wholeNumber('users', values.users),
      rooms: wholeNumber('rooms', values.rooms),
      messages: wholeNumber('messages', values.messages),
      onProgress: progress(),
    })
  } finally {
    await database.close()
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
