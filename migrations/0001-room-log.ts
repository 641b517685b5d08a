import { type Kysely, sql } from 'kysely'

/**
 * The room log: rooms, their members and their messages, and the users who act in them.
 *
 * Every key starts with the tenant and every foreign key carries it, so no row can refer across tenants, and the tables can be
 * partitioned by tenant. Each row of a room has `seq` (when it was made) and `changed_seq` (its latest change), both taken from
 * `rooms.last_seq` under the room's row lock. What was deleted stays as a tombstone: a message with `deleted_at`, a member with
 * `left_at`, a room with `deleted_at`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      tenant_id text not null,
      id text not null,
      name text not null,
      picture_url text,
      meta jsonb not null default '{}',
      last_seen_at timestamptz,
      -- Tokens issued before this are refused.
      tokens_valid_from timestamptz,
      banned_at timestamptz,
      banned_until timestamptz,
      ban_reason text,
      -- Counts what other nodes must notice: revocation, bans, joining and leaving rooms.
      version bigint not null default 0,
      -- Set with a changed profile, cleared when every member row shows it.
      is_profile_spreading boolean not null default false,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (tenant_id, id)
    )`.execute(db)
  await sql`create index users_by_name on users (tenant_id, lower(name), id)`.execute(db)
  await sql`create index users_spreading on users (tenant_id, id) where is_profile_spreading`.execute(db)

  await sql`
    create table rooms (
      tenant_id text not null,
      id uuid not null,
      kind text not null check (kind in ('direct', 'group', 'channel')),
      name text,
      description text not null default '',
      is_private boolean not null,
      created_by text not null,
      client_id uuid,
      client_hash bytea,
      -- The pair of a direct room, the lesser id first.
      direct_low text,
      direct_high text,
      member_count integer not null default 0,
      is_large boolean not null default false,
      -- Part of the epoch: another value for each life of the room, so that an imported room starts a new history.
      epoch_seed uuid not null,
      last_seq bigint not null,
      last_ordinal bigint not null default 0,
      last_message_at timestamptz,
      seq bigint not null,
      changed_seq bigint not null,
      -- Messages before this are gone for readers; positions before min_seq are answered by a reset.
      history_from_seq bigint not null default 0,
      min_seq bigint not null default 0,
      history_visibility text not null default 'all' check (history_visibility in ('all', 'joined')),
      retention_days integer,
      slow_mode_seconds integer not null default 0,
      frozen_at timestamptz,
      archived_at timestamptz,
      deleted_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      meta jsonb not null default '{}',
      primary key (tenant_id, id),
      foreign key (tenant_id, created_by) references users,
      foreign key (tenant_id, direct_low) references users,
      foreign key (tenant_id, direct_high) references users,
      check ((kind = 'direct') = (direct_low is not null and direct_high is not null)),
      check (direct_low collate "C" < direct_high collate "C"),
      check (changed_seq <= last_seq)
    )
    -- Every message updates the counter: leave room for it on the page, and no index may hold a column that it changes.
    with (fillfactor = 50)`.execute(db)
  await sql`
    create unique index rooms_direct_pair on rooms (tenant_id, direct_low, direct_high)
    where direct_low is not null and deleted_at is null`.execute(db)
  await sql`
    create unique index rooms_client_id on rooms (tenant_id, created_by, client_id)
    where client_id is not null`.execute(db)
  await sql`
    create index rooms_public_channels on rooms (tenant_id, lower(name), id)
    where kind = 'channel' and not is_private and deleted_at is null and archived_at is null`.execute(db)

  await sql`
    create table members (
      tenant_id text not null,
      room_id uuid not null,
      user_id text not null,
      -- The user's summary as of this row's latest change: a message's author is read from here.
      user_name text not null,
      user_picture_url text,
      role text not null check (role in ('owner', 'admin', 'moderator', 'member')),
      joined_at timestamptz not null,
      left_at timestamptz,
      left_reason text,
      muted_until timestamptz,
      mute_reason text,
      banned_until timestamptz,
      seq bigint not null,
      joined_seq bigint not null,
      changed_seq bigint not null,
      -- Messages before this are not shown to this member.
      visible_from_seq bigint not null default 0,
      -- The read marker: moves forward only, and without a place in the log.
      read_seq bigint not null default 0,
      read_ordinal bigint not null default 0,
      read_at timestamptz,
      delivered_seq bigint not null default 0,
      last_sent_at timestamptz,
      settings jsonb not null default '{}',
      foreign key (tenant_id, room_id) references rooms,
      foreign key (tenant_id, user_id) references users
    )
    -- Markers move often and are in no index.
    with (fillfactor = 70)`.execute(db)
  await sql`create index members_log on members (tenant_id, room_id, changed_seq)`.execute(db)
  await sql`create index members_joined on members (tenant_id, room_id, seq) where left_at is null`.execute(db)
  await sql`create index members_of_user on members (tenant_id, user_id, room_id) where left_at is null`.execute(db)
  await sql`create unique index members_one_owner on members (tenant_id, room_id) where role = 'owner' and left_at is null`.execute(
    db,
  )

  // The key comes last: where statistics don't tell two indexes apart, as in a new table, Postgres takes the youngest.
  await sql`alter table members add primary key (tenant_id, room_id, user_id)`.execute(db)

  await sql`
    create table messages (
      tenant_id text not null,
      room_id uuid not null,
      seq bigint not null,
      id uuid not null,
      changed_seq bigint not null,
      -- Dense among the room's messages, or among the thread's replies; none for system messages.
      ordinal bigint,
      sender_id text not null,
      client_id uuid not null,
      -- Of what was sent: a repetition is told from a reuse of the clientId, also after an edit or a delete.
      client_hash bytea not null,
      -- Sent in the sender's name without moving the sender's read marker.
      is_on_behalf boolean not null default false,
      kind text not null check (kind in ('text', 'image', 'file', 'system')),
      content text not null,
      reply_to_id uuid,
      thread_id uuid,
      -- On the root of a thread only.
      thread_count integer,
      thread_last_ordinal bigint,
      thread_last_at timestamptz,
      thread_participants text[],
      mentions text[] not null default '{}',
      mentions_room boolean not null default false,
      reactions jsonb not null default '[]',
      attachments jsonb not null default '[]',
      pinned_at timestamptz,
      pinned_by text,
      created_at timestamptz not null default clock_timestamp(),
      edited_at timestamptz,
      deleted_at timestamptz,
      deleted_by text,
      meta jsonb not null default '{}',
      foreign key (tenant_id, room_id, sender_id) references members,
      check (seq <= changed_seq)
    )`.execute(db)
  // The log is the primary key for rows as they were sent, and this small index for those changed since.
  await sql`create index messages_changed on messages (tenant_id, room_id, changed_seq) where changed_seq > seq`.execute(
    db,
  )
  // What unread subtracts: tombstones, and the member's own messages above the marker (only those sent on behalf can be).
  await sql`
    create index messages_tombstones on messages (tenant_id, room_id, ordinal)
    where deleted_at is not null and thread_id is null`.execute(db)
  await sql`
    create index messages_on_behalf on messages (tenant_id, room_id, sender_id, ordinal)
    where is_on_behalf and thread_id is null`.execute(db)
  await sql`
    create index messages_thread on messages (tenant_id, room_id, thread_id, ordinal)
    where thread_id is not null`.execute(db)

  await sql`alter table messages add primary key (tenant_id, room_id, seq)`.execute(db)
  await sql`alter table messages add constraint messages_id unique (tenant_id, room_id, id)`.execute(db)
  // No prefix in common with the others, so that a repetition is never looked for along a whole room.
  await sql`
    alter table messages add constraint messages_client_id unique (tenant_id, sender_id, client_id, room_id)`.execute(
    db,
  )

  await sql`
    create table message_versions (
      tenant_id text not null,
      room_id uuid not null,
      message_id uuid not null,
      -- The change that replaced this content.
      seq bigint not null,
      content text not null,
      replaced_at timestamptz not null default clock_timestamp(),
      primary key (tenant_id, room_id, message_id, seq),
      foreign key (tenant_id, room_id, message_id) references messages (tenant_id, room_id, id)
    )`.execute(db)
}
