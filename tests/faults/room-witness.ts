import { Client } from 'pg'
import type { StoredMessage, StoredRoom } from './journal.ts'

/**
 * Writes down, in the harness's own database, what each place of each room's log was taken by; rows hold only their latest change. In the
 * transaction of the change, so it is there exactly if the change is.
 */
export async function installWitness(url: string): Promise<void> {
  await connected(url, async (client) => {
    await client.query(`
      create table witness (tenant_id text, room_id uuid, seq bigint, what text, id text, is_in boolean);
      create index on witness (tenant_id, room_id, seq);
      create function witness_message() returns trigger language plpgsql as $$ begin
        insert into witness values (new.tenant_id, new.room_id, new.changed_seq, 'message', new.id, null); return null;
      end $$;
      create function witness_member() returns trigger language plpgsql as $$ begin
        insert into witness values (new.tenant_id, new.room_id, new.changed_seq, 'member', new.user_id, new.left_at is null);
        return null;
      end $$;
      create function witness_room() returns trigger language plpgsql as $$ begin
        insert into witness values (new.tenant_id, new.id, new.changed_seq, 'room', null, null); return null;
      end $$`)
    for (const [table, what] of Object.entries({ messages: 'message', members: 'member', rooms: 'room' })) {
      await client.query(`
        create trigger witness_made after insert on ${table} for each row execute function witness_${what}();
        create trigger witness_changed after update on ${table} for each row
          when (old.changed_seq is distinct from new.changed_seq) execute function witness_${what}()`)
    }
  })
}

/** A room as the database has it. */
export function readStoredRoom(url: string, tenantId: string, roomId: string): Promise<StoredRoom> {
  const id = [tenantId, roomId]
  return connected(url, async (client) => {
    const rooms = await client.query<{ lastSeq: number }>(
      `select last_seq::int as "lastSeq" from rooms where tenant_id = $1 and id = $2`,
      id,
    )
    const messages = await client.query<StoredMessage>(
      `select id, seq::int, changed_seq::int as "changedSeq", ordinal::int, sender_id as "senderId", client_id as "clientId",
         content, deleted_at is not null as "isDeleted"
       from messages where tenant_id = $1 and room_id = $2 order by seq`,
      id,
    )
    const log = await client.query<StoredRoom['log'][number]>(
      `select seq::int, what, id, is_in as "isIn" from witness where tenant_id = $1 and room_id = $2 order by seq`,
      id,
    )
    return { lastSeq: rooms.rows[0]?.lastSeq ?? 0, messages: messages.rows, log: log.rows }
  })
}

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
