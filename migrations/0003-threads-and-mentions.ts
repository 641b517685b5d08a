import { type Kysely, sql } from 'kysely'

/**
 * Threads that are followed, and who is mentioned where: what unread is counted by, apart from the room's own. Also when a message was
 * deleted, as a place in the log: a tombstone can change again, when it is the root of a thread that goes on.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table thread_follows (
      tenant_id text not null,
      room_id uuid not null,
      -- The root's id.
      thread_id uuid not null,
      user_id text not null,
      -- The marker, in the thread's ordinals: moves forward only. Replies above it are unread.
      read_ordinal bigint not null,
      -- The follower's latest reply of their own hand, which moved the marker.
      own_ordinal bigint not null default 0,
      followed_at timestamptz not null default clock_timestamp(),
      foreign key (tenant_id, room_id, user_id) references members,
      foreign key (tenant_id, room_id, thread_id) references messages (tenant_id, room_id, id)
    )
    -- Markers move often and are in no index.
    with (fillfactor = 70)`.execute(db)
  await sql`create index thread_follows_of_user on thread_follows (tenant_id, user_id, room_id)`.execute(db)
  await sql`alter table thread_follows add primary key (tenant_id, room_id, thread_id, user_id)`.execute(db)

  // One row a message and user, also of messages long read: counted above the marker alone, which is an index range.
  await sql`
    create table mentions (
      tenant_id text not null,
      room_id uuid not null,
      -- Of a reply; its ordinal is its thread's then.
      thread_id uuid,
      -- Null is everybody in the room.
      user_id text,
      ordinal bigint not null,
      -- What one says oneself is never unread.
      sender_id text not null,
      foreign key (tenant_id, room_id, user_id) references members,
      check (thread_id is null or user_id is not null)
    )`.execute(db)
  await sql`
    create unique index mentions_in_room on mentions (tenant_id, room_id, user_id, ordinal) nulls not distinct
    where thread_id is null`.execute(db)
  await sql`
    create unique index mentions_in_thread on mentions (tenant_id, room_id, thread_id, user_id, ordinal)
    where thread_id is not null`.execute(db)

  // What a thread's unread subtracts, as the room's does: tombstones, and what was sent in the follower's own name.
  await sql`
    create index messages_thread_uncounted on messages (tenant_id, room_id, thread_id, ordinal)
    where thread_id is not null and (deleted_at is not null or is_on_behalf)`.execute(db)

  await sql`alter table messages add column deleted_seq bigint`.execute(db)
  await sql`update messages set deleted_seq = changed_seq where deleted_at is not null`.execute(db)
  await sql`
    alter table messages add constraint messages_deleted check ((deleted_at is null) = (deleted_seq is null))`.execute(
    db,
  )
}
