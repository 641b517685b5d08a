import { type Kysely, sql } from 'kysely'

/**
 * What people do with messages besides writing them: react, pin, forward, and hide them from their own view.
 *
 * Reactions are counted in the message's row, which is what events carry; here is who they are of. Hidden messages are no part of
 * the room's log: they have no seq of their own, and depend on who looks.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table messages add column forwarded_from jsonb`.execute(db)
  await sql`
    create index messages_pinned on messages (tenant_id, room_id, pinned_at, seq)
    where pinned_at is not null`.execute(db)

  await sql`
    create table message_reactions (
      tenant_id text not null,
      room_id uuid not null,
      message_id uuid not null,
      user_id text not null,
      -- By code points, since locales hold some emoji to be equal.
      emoji text collate "C" not null,
      -- The change that added it: the order of reacting.
      seq bigint not null,
      created_at timestamptz not null default clock_timestamp(),
      primary key (tenant_id, room_id, message_id, user_id, emoji),
      foreign key (tenant_id, room_id, message_id) references messages (tenant_id, room_id, id) on delete cascade,
      foreign key (tenant_id, room_id, user_id) references members
    )`.execute(db)
  await sql`
    create unique index message_reactions_in_order on message_reactions (tenant_id, room_id, message_id, emoji, seq)`.execute(
    db,
  )

  await sql`
    create table hidden_messages (
      tenant_id text not null,
      room_id uuid not null,
      -- From whom the message is hidden.
      user_id text not null,
      -- The message's own, none of which ever changes.
      seq bigint not null,
      thread_id uuid,
      ordinal bigint,
      hidden_at timestamptz not null default clock_timestamp(),
      primary key (tenant_id, room_id, user_id, seq),
      foreign key (tenant_id, room_id, seq) references messages on delete cascade,
      foreign key (tenant_id, room_id, user_id) references members
    )`.execute(db)
  // What a thread's unread replies are fewer by, for each thread that somebody follows.
  await sql`
    create index hidden_messages_in_thread on hidden_messages (tenant_id, room_id, user_id, thread_id, ordinal)
    where thread_id is not null`.execute(db)
  // For a message that is purged, whoever has hidden it.
  await sql`create index hidden_messages_of_message on hidden_messages (tenant_id, room_id, seq)`.execute(db)
}
