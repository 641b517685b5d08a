import { type Kysely, sql } from 'kysely'

/**
 * What members look for, what they have not sent yet, and what they send later.
 *
 * The search index is a table of its own, written behind the messages by `server/search/search-indexer.ts`: sending a message pays
 * nothing for it. `search_progress` says up to which seq of its log a room is in it; both can be emptied at any time and are made again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Punctuation separates words, also within addresses and compounds, so that each part of them is found by itself.
  await sql`
    create function search_words(content text) returns tsvector
    language sql immutable parallel safe
    return to_tsvector('simple', translate(content, ${sql.lit(PUNCTUATION)}, ${sql.lit(' '.repeat(PUNCTUATION.length))}))`.execute(
    db,
  )
  await sql`
    create function search_phrase(term text) returns tsquery
    language sql immutable parallel safe
    return phraseto_tsquery('simple', translate(term, ${sql.lit(PUNCTUATION)}, ${sql.lit(' '.repeat(PUNCTUATION.length))}))`.execute(
    db,
  )
  await sql`
    create table message_search (
      tenant_id text not null,
      room_id uuid not null,
      seq bigint not null,
      -- The state of the message that is indexed here.
      changed_seq bigint not null,
      message_id uuid not null,
      sender_id text not null,
      -- Whole milliseconds, as cursors keep them.
      sent_at timestamptz not null,
      words tsvector not null,
      primary key (tenant_id, room_id, seq),
      foreign key (tenant_id, room_id, seq) references messages on delete cascade
    )`.execute(db)
  // Each word under a few digits of its room: a search reads what its rooms hold, however much all the others do, and what is
  // written in one room lies together. Digits that two rooms share cost a look at the row. Without a list of pending entries, which a
  // search would read whole for each of its rooms.
  await sql`
    create function search_keys(room_id uuid, words tsvector) returns tsvector
    language sql immutable parallel safe
    return (
      select array_to_tsvector(array_agg(right(room_id::text, 8) || lexeme)) from unnest(words) where length(lexeme) <= 200
    )`.execute(db)
  await sql`
    create index message_search_keys on message_search using gin (search_keys(room_id, words)) with (fastupdate = off)`.execute(
    db,
  )
  await sql`
    create table search_progress (
      tenant_id text not null,
      room_id uuid not null,
      indexed_seq bigint not null default 0,
      primary key (tenant_id, room_id),
      foreign key (tenant_id, room_id) references rooms on delete cascade
    )
    with (fillfactor = 70)`.execute(db)

  await sql`
    create table drafts (
      tenant_id text not null,
      user_id text not null,
      room_id uuid not null,
      -- The message whose thread it is for; null for the room itself.
      thread_id uuid,
      content text not null,
      updated_at timestamptz not null default now(),
      unique nulls not distinct (tenant_id, user_id, room_id, thread_id),
      foreign key (tenant_id, room_id, user_id) references members on delete cascade
    )`.execute(db)

  await sql`
    create table scheduled_messages (
      tenant_id text not null,
      id uuid not null,
      user_id text not null,
      room_id uuid not null,
      client_id uuid not null,
      -- Of what was asked for, to tell a repetition from a reuse of the clientId.
      client_hash bytea not null,
      content text not null,
      reply_to_id uuid,
      thread_id uuid,
      mentions text[] not null default '{}',
      mentions_room boolean not null default false,
      send_at timestamptz not null,
      status text not null default 'pending' check (status in ('pending', 'sending', 'sent', 'failed')),
      failure_reason text,
      message_id uuid,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (tenant_id, id),
      unique (tenant_id, user_id, client_id, room_id),
      foreign key (tenant_id, room_id, user_id) references members on delete cascade
    )`.execute(db)
  await sql`
    create index scheduled_messages_of_user on scheduled_messages (tenant_id, user_id, send_at, id)
    where status <> 'sent'`.execute(db)
  // What is due and what is done, across tenants: for the round that looks after both.
  await sql`create index scheduled_messages_by_time on scheduled_messages (status, send_at)`.execute(db)
}

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~«»“”„‘’‹›–—…·•¡¿、。，！？：；（）「」'
