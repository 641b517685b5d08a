import type { Pool } from 'pg'
import { type Layout, layoutRoomId, memberIdOf, membershipsOf } from './layout.ts'

/** The tables of a chat as most teams have them. A message's place is its id, from a sequence. */
const TABLES = `
  create table if not exists members (
    room_id uuid not null,
    user_id text not null,
    joined_at timestamptz not null default now(),
    primary key (room_id, user_id)
  );
  create table if not exists messages (
    id bigint generated always as identity primary key,
    room_id uuid not null,
    sender_id text not null,
    content text not null,
    created_at timestamptz not null default now()
  );
  create index if not exists messages_of_room on messages (room_id, id);`

export async function seedPeerTables(pool: Pool, layout: Layout): Promise<void> {
  await pool.query(TABLES)
  const memberships = [...membershipsOf(layout)]
  await pool.query('insert into members (room_id, user_id) select * from unnest($1::uuid[], $2::text[])', [
    memberships.map(([room]) => layoutRoomId(room, layout)),
    memberships.map(([, user]) => memberIdOf(user, layout)),
  ])
  await pool.query('analyze members')
}
