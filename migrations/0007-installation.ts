import { type Kysely, sql } from 'kysely'

/**
 * What belongs to the installation as a whole: the salt of its epochs, and its own keys.
 *
 * The salt and the database's oid become part of every room's epoch, so this step changes each of them once: every client gets one
 * `reset` and fetches afresh. While old and new servers run side by side, a client that moves between them gets one each time.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table installation (
      is_only boolean primary key default true check (is_only),
      epoch_salt uuid not null default gen_random_uuid(),
      -- The embedded Postgres whose data directory this is, by its control file: a copy has another one.
      control_file text
    )`.execute(db)
  await sql`insert into installation default values`.execute(db)

  // Postgres makes the keys: no statement carries one, so no log of statements holds one.
  await sql`
    create table secrets (
      purpose text not null,
      -- The newest signs, the two newest verify.
      generation integer not null,
      key bytea not null default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
      created_at timestamptz not null default clock_timestamp(),
      primary key (purpose, generation)
    )`.execute(db)
}
