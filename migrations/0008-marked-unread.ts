import { type Kysely, sql } from 'kysely'

/** A read marker can be moved back: `receipt.markUnread`. Defaults are constants, so no row is rewritten. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table members
      -- How often the member has marked messages as unread: a read that knows of fewer comes too late.
      add column unread_marks integer not null default 0,
      -- Where the marker stood before it was moved back: others see the greater of the two.
      add column seen_seq bigint not null default 0,
      -- Messages above the marker that the member sent in person, also deleted ones: a send leaves none, only a marker that moves back does.
      add column own_above bigint not null default 0`.execute(db)
}
