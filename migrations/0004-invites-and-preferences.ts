import { type Kysely, sql } from 'kysely'

/** Invites, by whose code users of the tenant join a room; and what a user prefers in all rooms. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table invites (
      tenant_id text not null,
      room_id uuid not null,
      id uuid not null,
      code text not null,
      created_by text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      max_uses integer check (max_uses > 0),
      -- Counted under the room's lock.
      uses integer not null default 0,
      revoked_at timestamptz,
      primary key (tenant_id, room_id, id),
      unique (tenant_id, code),
      foreign key (tenant_id, room_id) references rooms,
      foreign key (tenant_id, created_by) references users,
      check (uses <= max_uses)
    )`.execute(db)

  await sql`
    create table preferences (
      tenant_id text not null,
      user_id text not null,
      notifications text not null default 'all' check (notifications in ('all', 'mentions', 'none')),
      hides_receipts boolean not null default false,
      presence_visibility text not null default 'everyone' check (presence_visibility in ('everyone', 'rooms', 'nobody')),
      locale text,
      updated_at timestamptz not null default now(),
      primary key (tenant_id, user_id),
      foreign key (tenant_id, user_id) references users
    )`.execute(db)
}
