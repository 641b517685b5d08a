import { Client } from 'pg'
import { type Layout, layoutRoomId, memberIdOf, membershipsOf, roomIdOf, userCount } from './layout.ts'

export const TENANT = 'default'
/** A room with more members has `is_large`, as `shared/limits.ts` has it. */
const SMALL_ROOM = 200

/** The users, rooms and members of a layout, in the rows that the API would have made one by one. */
export async function seedConfab(databaseUrl: string, layout: Layout): Promise<void> {
  const { rooms, members } = layout
  const memberships = [...membershipsOf(layout)]
  const owners = memberships.filter(([, , place]) => place === 0)
  await using client = await connect(databaseUrl)
  await client.query(`insert into users (tenant_id, id, name) select $1, id, id from unnest($2::text[]) as ids (id)`, [
    TENANT,
    Array.from({ length: userCount(layout) }, (_, user) => memberIdOf(user, layout)),
  ])
  await client.query(
    `insert into rooms (tenant_id, id, kind, name, is_private, created_by, member_count, is_large, epoch_seed, last_seq, seq, changed_seq)
     select $1, id, 'group', 'Room', true, owner, $4::int, $4 > ${SMALL_ROOM}, gen_random_uuid(), 1 + $4, 1, 1
     from unnest($2::uuid[], $3::text[]) as room (id, owner)`,
    [
      TENANT,
      Array.from({ length: rooms }, (_, room) => layoutRoomId(room, layout)),
      owners.map(([, user]) => memberIdOf(user, layout)),
      members,
    ],
  )
  await client.query(
    `insert into members (tenant_id, room_id, user_id, user_name, role, joined_at, seq, joined_seq, changed_seq, read_seq)
     select $1, room_id, user_id, user_id, case place when 0 then 'owner' else 'member' end, now(), 2 + place, 2 + place, 2 + place, 1 + $5::int
     from unnest($2::uuid[], $3::text[], $4::int[]) as member (room_id, user_id, place)`,
    [
      TENANT,
      memberships.map(([room]) => layoutRoomId(room, layout)),
      memberships.map(([, user]) => memberIdOf(user, layout)),
      memberships.map(([, , place]) => place),
      members,
    ],
  )
  await client.query('analyze users, rooms, members')
}

const FILL_BATCH = 100_000

/** Gives a room a long history, of its first member. */
export async function fillRoom(databaseUrl: string, room: number, messages: number): Promise<void> {
  await using client = await connect(databaseUrl)
  const id = roomIdOf(room)
  for (let filled = 0; filled < messages; filled += FILL_BATCH) {
    const count = Math.min(FILL_BATCH, messages - filled)
    await client.query(
      `with room as (select * from rooms where tenant_id = $1 and id = $2)
       insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content)
       select tenant_id, id, last_seq + n, gen_random_uuid(), last_seq + n, last_ordinal + n, created_by, gen_random_uuid(),
         sha256(n::text::bytea), 'text', 'Message ' || n || ' of a long history, about as long as people write in a chat.'
       from room, generate_series(1, $3::int) n`,
      [TENANT, id, count],
    )
    await client.query(
      `update rooms set last_seq = last_seq + $3::int, last_ordinal = last_ordinal + $3::int where tenant_id = $1 and id = $2`,
      [TENANT, id, count],
    )
  }
  await client.query('vacuum analyze messages')
}

/** Messages at random places of a room, and the id of a member. */
export async function pickMessages(
  databaseUrl: string,
  room: number,
  count: number,
): Promise<{ id: string; messageIds: string[] }> {
  await using client = await connect(databaseUrl)
  const { rows } = await client.query<{ id: string; sender_id: string }>(
    `select messages.id, sender_id
     from rooms, generate_series(1, $3::int),
       lateral (select 10000 + floor(random() * (last_seq - 20000))::bigint as seq) as place
       join messages on messages.seq = place.seq
     where rooms.tenant_id = $1 and rooms.id = $2 and messages.tenant_id = $1 and messages.room_id = $2`,
    [TENANT, roomIdOf(room), count],
  )
  return { id: rows[0]?.sender_id ?? '', messageIds: rows.map((row) => row.id) }
}

/** Lets the database agree with events that were published without it. */
export async function moveHeads(databaseUrl: string, heads: ReadonlyMap<string, { seq: number }>): Promise<void> {
  await using client = await connect(databaseUrl)
  await client.query(
    `update rooms set last_seq = head.seq from unnest($2::uuid[], $3::bigint[]) as head (id, seq)
     where rooms.tenant_id = $1 and rooms.id = head.id`,
    [TENANT, [...heads.keys()], Array.from(heads.values(), ({ seq }) => seq)],
  )
}

async function connect(databaseUrl: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: databaseUrl, options: '-c statement_timeout=0' })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}
