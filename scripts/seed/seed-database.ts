import { sql } from 'kysely'
import type { Database } from '../../server/db/database.ts'
import type { Db, Tables } from '../../server/db/schema.ts'
import { indexBatch, roomsBehind } from '../../server/search/index-batch.ts'
import { makePeople, type Person } from './seed-people.ts'
import { makeRoom, type RoomPlan, type RoomRows } from './seed-room.ts'
import { SeededRandom } from './seeded-random.ts'

export interface SeedOptions {
  tenant: string
  users: number
  rooms: number
  messages: number
  seed: string
  /** Also where the tenant has rooms already. */
  add: boolean
  onProgress: (what: string, done: number, of: number) => void
}

/** The tenant has something in it, and nobody said that this is meant. */
export class NotEmptyError extends Error {
  override readonly name = 'NotEmptyError'
}

/** What is written at once. */
const CHUNK = 2_000

/** Fills a tenant with people, rooms and what they said, and makes it searchable. @throws {NotEmptyError} */
export async function seedDatabase(database: Database, options: SeedOptions): Promise<void> {
  await database.open()
  await database.db.connection().execute(async (db) => {
    await sql`set statement_timeout = 0`.execute(db)
    const { tenant } = options
    const before = await countRooms(db, tenant)
    if (before > 0 && !options.add) {
      throw new NotEmptyError(`Unable to seed tenant ${tenant}; it has ${before} rooms. Say --add to add to them`)
    }
    const random = new SeededRandom(`${options.seed}/${before}`)
    const people = makePeople(random, options.users)
    await writePeople(db, tenant, people)
    await writeRooms(db, random, people, options, before === 0)
    await sql`analyze users, rooms, members, messages`.execute(db)
    await index(database, db, options)
    await sql`vacuum (analyze) rooms, members, messages, message_search, search_progress`.execute(db)
    await sql`reset statement_timeout`.execute(db)
  })
}

async function countRooms(db: Db, tenant: string): Promise<number> {
  const { count } = await db
    .selectFrom('rooms')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenant)
    .executeTakeFirstOrThrow()
  return count
}

async function writePeople(db: Db, tenant: string, people: Person[]): Promise<void> {
  await sql`
    insert into users (tenant_id, id, name)
    select ${tenant}, person.id, person.name
    from unnest(${people.map((person) => person.id)}::text[], ${people.map((person) => person.name)}::text[]) as person (id, name)
    on conflict do nothing`.execute(db)
}

async function writeRooms(
  db: Db,
  random: SeededRandom,
  people: Person[],
  { tenant, rooms, messages, onProgress }: SeedOptions,
  mayBeDirect: boolean,
): Promise<void> {
  const now = Date.now()
  const plans = planRooms(random, people, { rooms, messages, mayBeDirect })
  let pending: RoomRows = { rooms: [], members: [], messages: [], message_versions: [] }
  let written = 0
  const flush = async () => {
    await writeRows(db, 'rooms', pending.rooms)
    await writeRows(db, 'members', pending.members)
    await writeRows(db, 'messages', pending.messages)
    await writeRows(db, 'message_versions', pending.message_versions)
    written += pending.messages.length
    onProgress('messages', written, messages)
    pending = { rooms: [], members: [], messages: [], message_versions: [] }
  }
  for (const plan of plans) {
    const made = makeRoom(random, tenant, plan, now)
    pending.rooms.push(...made.rooms)
    pending.members.push(...made.members)
    // Of a busy room more than a call takes as arguments.
    pending.messages = pending.messages.concat(made.messages)
    pending.message_versions = pending.message_versions.concat(made.message_versions)
    if (pending.messages.length + pending.members.length >= CHUNK) await flush()
  }
  await flush()
}

/** One channel for everybody, some for many, groups, and pairs; few of them busy. Together they have just so many messages. */
function planRooms(
  random: SeededRandom,
  people: Person[],
  { rooms, messages, mayBeDirect }: { rooms: number; messages: number; mayBeDirect: boolean },
): RoomPlan[] {
  const pairs = new Set<string>()
  const weights = Array.from({ length: rooms }, () => random.weight(1.2))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let weighed = 0
  return weights.map((weight, index) => {
    const from = Math.round((weighed / total) * messages)
    weighed += weight
    const count = Math.round((weighed / total) * messages) - from
    if (index === 0) return { kind: 'channel' as const, people, messages: count }
    if (mayBeDirect && people.length > 1 && random.chance(0.4)) {
      const pair = random.sample(people, 2)
      const key = pair
        .map((person) => person.id)
        .sort()
        .join(' ')
      if (!pairs.has(key)) {
        pairs.add(key)
        return { kind: 'direct' as const, people: pair, messages: count }
      }
    }
    const isChannel = random.chance(0.25)
    const size = isChannel ? random.between(10, 60) : random.between(3, 14)
    return {
      kind: isChannel ? ('channel' as const) : ('group' as const),
      people: random.sample(people, size),
      messages: count,
    }
  })
}

async function writeRows(db: Db, table: keyof Tables, rows: object[]): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK) {
    const chunk = rows.slice(from, from + CHUNK)
    const columns = sql.join(Object.keys(chunk[0] ?? {}).map((column) => sql.ref(column)))
    await sql`
      insert into ${sql.table(table)} (${columns})
      select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(chunk)}::json)`.execute(
      db,
    )
  }
}

/** What the server's own indexer does a little later, done now and at full speed. */
async function index(database: Database, db: Db, { onProgress }: SeedOptions): Promise<void> {
  const { behind } = await roomsBehind(db, { tenantId: '', roomId: '00000000-0000-0000-0000-000000000000' }, 1e9)
  const rooms = [...behind]
  for (let done = 0; done < behind.length; ) {
    const batch = rooms.splice(0, 20)
    const more = await indexBatch(database, batch, 100)
    rooms.unshift(...more)
    done += batch.length - more.length
    onProgress('rooms indexed', done, behind.length)
  }
}
