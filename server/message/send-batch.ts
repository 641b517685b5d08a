/**
 * Sends a batch of messages of one tenant: one statement, which is one transaction. It locks the rooms in id order, then the
 * senders' member rows in (room, user) order; decides about each send from what is locked; gives the accepted ones the next seqs and
 * ordinals of their rooms; inserts them; and moves counters and markers. Each step takes its rows from the one before, so the order
 * of the locks follows from the data.
 *
 * A lock wait makes `for no key update` see the row as it is after the wait, while everything else is seen as of the statement's
 * begin. So rights, which live in locked rows, are never stale; and a message that was committed meanwhile under the same clientId is
 * not seen here but by the unique key, after which the batch is done again.
 *
 * Look-ups in big tables are lateral, each by a whole index key, and take the tenant from the batch and not from the parameter:
 * otherwise a plan that was made while the tables were small, and is kept, scans the tenant's rows.
 */
export const SEND_BATCH = `
with input as materialized (
  select $1::text as tenant_id, batch.* from unnest(
    $2::uuid[], $3::text[], $4::uuid[], $5::bytea[], $6::uuid[], $7::text[], $8::uuid[], $9::jsonb[], $10::boolean[], $11::boolean[]
  ) with ordinality
  as batch(room_id, sender_id, client_id, client_hash, id, content, reply_to_id, meta, is_on_behalf, is_service, n)
),
room as materialized (
  select id, kind, is_private, epoch_seed, last_seq, last_ordinal, history_from_seq, slow_mode_seconds,
    frozen_at, archived_at, deleted_at
  from rooms
  where tenant_id = $1 and id = any($2::uuid[])
  order by id
  for no key update
),
sender as materialized (
  select found.*
  from (
    select distinct input.tenant_id, input.room_id, input.sender_id
    from input join room on room.id = input.room_id
    order by input.room_id, input.sender_id
  ) as wanted
  cross join lateral (
    select room_id, user_id, user_name, user_picture_url, role, left_at, muted_until, last_sent_at, visible_from_seq
    from members
    where tenant_id = wanted.tenant_id and room_id = wanted.room_id and user_id = wanted.sender_id
    for no key update
  ) as found
),
decided as materialized (
  select input.*, room.epoch_seed, room.last_seq, room.last_ordinal, sender.user_name, sender.user_picture_url,
    clock_timestamp() as at,
    extract(epoch from sender.muted_until - clock_timestamp()) * 1000 as muted_ms,
    room.slow_mode_seconds * 1000 - coalesce(extract(epoch from clock_timestamp() - sender.last_sent_at) * 1000, 'infinity')
      as slow_ms,
    case
      when room.id is null or room.deleted_at is not null then 'NOT_FOUND'
      when sender.user_id is null or sender.left_at is not null then
        case when input.is_service or (room.kind = 'channel' and not room.is_private)
          then 'NOT_A_MEMBER' else 'NOT_FOUND' end
      when original.client_hash is not null then
        case when original.client_hash = input.client_hash then 'REPEATED' else 'CLIENT_ID_REUSED' end
      when room.archived_at is not null then 'ROOM_ARCHIVED'
      when input.reply_to_id is not null and replied.seq is null then 'REPLY_TO_NOTHING'
      when input.is_service then 'SENT'
      when room.frozen_at is not null then 'ROOM_FROZEN'
      when sender.muted_until > clock_timestamp() then 'MUTED'
      when sender.role = 'member' and room.slow_mode_seconds > 0 and (
        sender.last_sent_at > clock_timestamp() - make_interval(secs => room.slow_mode_seconds)
        or row_number() over (partition by input.room_id, input.sender_id order by input.n) > 1
      ) then 'SLOW_MODE'
      else 'SENT'
    end as outcome
  from input
  left join room on room.id = input.room_id
  left join sender on sender.room_id = input.room_id and sender.user_id = input.sender_id
  left join lateral (
    select client_hash from messages
    where tenant_id = input.tenant_id and sender_id = input.sender_id and client_id = input.client_id
      and room_id = input.room_id
    limit 1
  ) as original on true
  left join lateral (
    select seq from messages
    where input.reply_to_id is not null
      and tenant_id = input.tenant_id and room_id = input.room_id and messages.id = input.reply_to_id
      and seq + 0 >= greatest(room.history_from_seq, sender.visible_from_seq)
    limit 1
  ) as replied on true
),
accepted as materialized (
  select decided.*,
    last_seq + row_number() over in_room as seq,
    last_ordinal + row_number() over in_room as ordinal
  from decided
  where outcome = 'SENT'
  window in_room as (partition by room_id order by n)
),
inserted as (
  insert into messages (
    tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, is_on_behalf, kind, content,
    reply_to_id, created_at, meta
  )
  select tenant_id, room_id, seq, id, seq, ordinal, sender_id, client_id, client_hash, is_on_behalf, 'text', content,
    reply_to_id, at, meta
  from accepted
),
counted as (
  update rooms
  set last_seq = rooms.last_seq + sent.count, last_ordinal = rooms.last_ordinal + sent.count, last_message_at = sent.at
  from (select tenant_id, room_id, count(*) as count, max(at) as at from accepted group by tenant_id, room_id) as sent
  where rooms.tenant_id = sent.tenant_id and rooms.id = sent.room_id
),
marked as (
  update members
  set last_sent_at = sent.at,
    read_seq = greatest(members.read_seq, sent.seq),
    read_ordinal = greatest(members.read_ordinal, sent.ordinal),
    read_at = case when sent.seq is null then members.read_at else sent.at end
  from (
    select tenant_id, room_id, sender_id, max(at) as at,
      max(seq) filter (where not is_on_behalf) as seq, max(ordinal) filter (where not is_on_behalf) as ordinal
    from accepted group by tenant_id, room_id, sender_id
  ) as sent
  where members.tenant_id = sent.tenant_id and members.room_id = sent.room_id and members.user_id = sent.sender_id
)
select decided.outcome, decided.epoch_seed, decided.user_name, decided.user_picture_url, decided.at,
  decided.muted_ms::float8, decided.slow_ms::float8, accepted.seq, accepted.ordinal
from decided left join accepted on accepted.n = decided.n
order by decided.n`

/** What became of one send of a batch, in the batch's order. */
export interface SendOutcome {
  outcome: 'SENT' | 'REPEATED' | 'REPLY_TO_NOTHING' | SendRefusal
  epoch_seed: string
  user_name: string
  user_picture_url: string | null
  at: Date
  muted_ms: number | null
  slow_ms: number | null
  seq: number | null
  ordinal: number | null
}

export type SendRefusal =
  | 'NOT_FOUND'
  | 'NOT_A_MEMBER'
  | 'CLIENT_ID_REUSED'
  | 'ROOM_ARCHIVED'
  | 'ROOM_FROZEN'
  | 'MUTED'
  | 'SLOW_MODE'
