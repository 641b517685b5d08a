import { type Kysely, sql } from 'kysely'

/** Moderation: bans from rooms, blocks between users, reports, word filters, and the log of who did what. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Of a ban from the room; and of a direct room's member whom the other one has blocked, where a send finds it in the row it locks.
  await sql`
    alter table members
      add column banned_at timestamptz,
      add column banned_by text,
      add column ban_reason text,
      add column blocked_at timestamptz`.execute(db)
  await sql`
    create index members_banned on members (tenant_id, room_id, banned_at, user_id)
    where banned_until is not null`.execute(db)

  await sql`
    create table user_blocks (
      tenant_id text not null,
      user_id text not null,
      blocked_id text not null,
      created_at timestamptz not null,
      primary key (tenant_id, user_id, blocked_id),
      foreign key (tenant_id, user_id) references users,
      foreign key (tenant_id, blocked_id) references users,
      check (user_id <> blocked_id)
    )`.execute(db)

  await sql`
    create table reports (
      tenant_id text not null,
      id uuid not null,
      room_id uuid not null,
      message_id uuid not null,
      sender_id text not null,
      -- None where a word filter reports.
      reporter_id text,
      reason text not null
        check (reason in ('spam', 'harassment', 'hate', 'violence', 'sexual', 'illegal', 'other', 'filter')),
      text text,
      -- What the message was when it was reported, whatever becomes of it.
      content text not null,
      attachments jsonb not null default '[]',
      created_at timestamptz not null default clock_timestamp(),
      resolved_at timestamptz,
      resolved_by text,
      action text check (action in ('dismiss', 'deleteMessage', 'removeMember', 'banMember')),
      note text,
      primary key (tenant_id, id),
      foreign key (tenant_id, room_id, sender_id) references members,
      foreign key (tenant_id, reporter_id) references users,
      check ((reporter_id is null) = (reason = 'filter')),
      check ((resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (action is null))
    )`.execute(db)
  await sql`create index reports_of_room on reports (tenant_id, room_id, id)`.execute(db)
  await sql`create index reports_open on reports (tenant_id, id) where resolved_at is null`.execute(db)
  await sql`
    create unique index reports_of_user on reports (tenant_id, room_id, message_id, reporter_id)
    where reporter_id is not null`.execute(db)
  await sql`
    create unique index reports_of_filter on reports (tenant_id, room_id, message_id)
    where reporter_id is null and resolved_at is null`.execute(db)

  // The row without a room is the tenant's. Its version counts every change of a filter in the tenant.
  await sql`
    create table word_filters (
      tenant_id text not null,
      room_id uuid,
      words jsonb not null default '[]',
      version bigint not null default 0,
      updated_at timestamptz,
      unique nulls not distinct (tenant_id, room_id),
      foreign key (tenant_id, room_id) references rooms
    )`.execute(db)

  // Refers to nothing, so that no erasure of what it tells of needs to touch it.
  await sql`
    create table audit_log (
      tenant_id text not null,
      id uuid not null,
      at timestamptz not null default clock_timestamp(),
      actor_id text not null,
      action text not null,
      room_id uuid,
      user_id text,
      message_id uuid,
      detail jsonb not null default '{}',
      primary key (tenant_id, id)
    )`.execute(db)
  await sql`create index audit_log_by_time on audit_log (tenant_id, at, id)`.execute(db)
  await sql`create index audit_log_of_room on audit_log (tenant_id, room_id, at, id)`.execute(db)
  await sql`create index audit_log_of_actor on audit_log (tenant_id, actor_id, at, id)`.execute(db)
  await sql`create index audit_log_of_action on audit_log (tenant_id, action, at, id)`.execute(db)
  await sql`
    create function refuse_change_of_audit_log() returns trigger language plpgsql as $$
    begin
      raise exception 'audit_log is append-only' using errcode = 'restrict_violation';
    end
    $$`.execute(db)
  await sql`
    create trigger audit_log_append_only before update or delete or truncate on audit_log
    for each statement execute function refuse_change_of_audit_log()`.execute(db)
}
