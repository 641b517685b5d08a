import { parseArgs } from 'node:util'
import { runScript, UsageError, withDatabase } from './run-script.ts'
import { seedDatabase } from './seed/seed-database.ts'

const USAGE = `Fills a database with people, rooms and messages, to try things out and to measure.

  npm run seed
  npm run seed -- --messages 10000 --rooms 100 --users 50
  npm run seed -- --tenant acme --seed another --add

Without DATABASE_URL it fills the embedded Postgres in DATA_DIR; the server must not be running there.
`

const MOST = 100_000_000

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > MOST)
    throw new UsageError(`Unable to seed; --${name} must be from 1 to ${MOST}`)
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

await runScript(USAGE, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: '1000000' },
      rooms: { type: 'string', default: '10000' },
      users: { type: 'string', default: '1000' },
      tenant: { type: 'string', default: 'default' },
      seed: { type: 'string', default: 'confab' },
      add: { type: 'boolean', default: false },
    },
  })
  const { tenant, seed, add } = values
  const [users, rooms, messages] = [
    wholeNumber('users', values.users),
    wholeNumber('rooms', values.rooms),
    wholeNumber('messages', values.messages),
  ]
  await withDatabase('warn', (database) =>
    seedDatabase(database, { tenant, seed, add, users, rooms, messages, onProgress: progress() }),
  )
})
