import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { MemoryBus } from '../server/bus/memory-bus.ts'
import { RoomBus } from '../server/bus/room-bus.ts'
import type { Database } from '../server/db/database.ts'
import type { RoomKey } from '../server/lib/keys.ts'
import { checkUnread, type UnreadDifference } from '../server/unread/unread-check.ts'
import { repairUnread } from '../server/unread/unread-repair.ts'
import { runScript, withKnownDatabase } from './run-script.ts'

const USAGE = `Counts unread messages, mentions and threads from scratch, room by room, and compares. Exit code 1: something differs.

  npm run verify-unread
  npm run verify-unread -- --repair     also mends what differs; exit code 1 where something could not be mended
`
const PAGE = 100
const log = pino({ level: 'warn' })

async function* rooms({ db }: Database): AsyncGenerator<RoomKey, void> {
  let after: RoomKey | undefined
  while (true) {
    let page = db
      .selectFrom('rooms')
      .select(['tenant_id as tenantId', 'id as roomId'])
      .where('deleted_at', 'is', null)
      .orderBy('tenant_id')
      .orderBy('id')
      .limit(PAGE)
    if (after) {
      const { tenantId, roomId } = after
      page = page.where((eb) => eb(eb.refTuple('tenant_id', 'id'), '>', eb.tuple(tenantId, roomId)))
    }
    const found = await page.execute()
    yield* found
    after = found.at(-1)
    if (found.length < PAGE) return
  }
}

function print({ tenantId, roomId }: RoomKey, { what, userId, threadId, is, shouldBe }: UnreadDifference): void {
  const of = [`room ${roomId}`, ...(threadId ? [`thread ${threadId}`] : []), ...(userId ? [`user ${userId}`] : [])]
  process.stdout.write(`${tenantId}: ${of.join(', ')}: ${what} is ${is}, should be ${shouldBe}\n`)
}

async function verify(database: Database, isRepairing: boolean): Promise<void> {
  const services = { database, bus: new RoomBus(new MemoryBus(log), () => undefined) }
  const total = { rooms: 0, differing: 0, remaining: 0 }
  const progress = (end: string) =>
    process.stderr.write(`${total.rooms} rooms checked, ${total.differing} differ, ${total.remaining} remain so${end}`)
  for await (const room of rooms(database)) {
    const differences = await checkUnread(database.db, room)
    for (const difference of differences) print(room, difference)
    const remaining = isRepairing && differences.length > 0 ? await repairUnread(services, room) : differences
    total.rooms += 1
    if (differences.length > 0) total.differing += 1
    if (remaining.length > 0) total.remaining += 1
    if (total.rooms % PAGE === 0) progress('\n')
  }
  progress('\n')
  if (total.remaining > 0) process.exitCode = 1
}

await runScript(
  USAGE,
  async (args) => {
    const { values } = parseArgs({ args, options: { repair: { type: 'boolean', default: false } } })
    await withKnownDatabase('warn', (database) => verify(database, values.repair))
  },
  { failure: 2 },
)
