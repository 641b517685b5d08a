import { writeRulesSql } from '../access/write-rights.ts'

/*
 * What the statements of send-batch.ts have in common, in the order in which they use it. `input`, `room`, `sender` and `accepted` are
 * their steps, `wanted` is a row whose key is looked up.
 */

/** The columns of a send, after the tenant. `n` is its position in the batch. */
export const INPUT_COLUMNS = `
    room_id, sender_id, client_id, client_hash, id, content, reply_to_id, meta, is_on_behalf, is_service, forwarded_from`

/** The same as arrays, one for each column. */
export const INPUT_ARRAYS = `
    $2::uuid[], $3::text[], $4::uuid[], $5::bytea[], $6::uuid[], $7::text[], $8::uuid[], $9::jsonb[], $10::boolean[], $11::boolean[],
    $12::jsonb[]`

const ROOM_COLUMNS = `id, kind, is_private, epoch_seed, last_seq, last_ordinal, history_from_seq, slow_mode_seconds,
    frozen_at, archived_at, deleted_at`

export const LOCK_ROOM = `
  select ${ROOM_COLUMNS}
  from rooms
  where tenant_id = $1 and id = $2::uuid
  for no key update`

export const LOCK_ROOMS_IN_ORDER = `
  select ${ROOM_COLUMNS}
  from rooms
  where tenant_id = $1 and id = any($2::uuid[])
  order by id
  for no key update`

export const LOCK_MEMBER = `
    select room_id, user_id, user_name, user_picture_url, role, left_at, muted_until, blocked_at, last_sent_at,
      visible_from_seq
    from members
    where tenant_id = wanted.tenant_id and room_id = wanted.room_id and user_id = wanted.sender_id
    for no key update`

/** What the decision and the answer need of the room and the sender. */
export const ROOM_AND_SENDER = `
    room.epoch_seed, room.last_seq, room.last_ordinal, sender.user_name, sender.user_picture_url`

/** The time of the message, and how long a mute or slow mode still holds. */
export const TIMES = `
    clock_timestamp() as at,
    extract(epoch from sender.muted_until - clock_timestamp()) * 1000 as muted_ms,
    room.slow_mode_seconds * 1000 - case
      when sender.last_sent_at > clock_timestamp() - make_interval(secs => room.slow_mode_seconds)
        then extract(epoch from clock_timestamp() - sender.last_sent_at) * 1000
      else 0
    end as slow_ms`

/*
 * Branches of the decision, in the order of its precedence.
 */

/** The room is not there, the sender is no member, or the same clientId was used before. */
export const WHEN_NOT_A_MEMBER_OR_REPEATED = `
      when room.id is null or room.deleted_at is not null then 'NOT_FOUND'
      when sender.user_id is null or sender.left_at is not null then
        case when input.is_service or (room.kind = 'channel' and not room.is_private)
          then 'NOT_A_MEMBER' else 'NOT_FOUND' end
      when original.client_hash is not null then
        case when original.client_hash = input.client_hash then 'REPEATED' else 'CLIENT_ID_REUSED' end`

export const WHEN_NOBODY_MAY_WRITE = writeRulesSql({ bindsServices: true })

export const WHEN_NOTHING_TO_REPLY_TO = `
      when input.reply_to_id is not null and replied.seq is null then 'REPLY_TO_NOTHING'`

/** Nothing below binds services. */
export const WHEN_A_SERVICE = `
      when input.is_service then 'SENT'`

export const WHEN_SENDER_MAY_NOT_WRITE = writeRulesSql({ bindsServices: false })

export const SENT_JUST_NOW = `
        sender.last_sent_at > clock_timestamp() - make_interval(secs => room.slow_mode_seconds)`

/** Whether slow mode binds the sender. */
export const IS_SLOWED = `
    not input.is_service and sender.role = 'member' and room.slow_mode_seconds > 0 as is_slowed`

/** Slow mode among the sends of a batch: of each member's sends to a room that nothing else refuses, the first one is sent. */
export const DECIDED_AMONG_ALL = `
decided as materialized (
  select alone.*, case
      when is_slowed and outcome_alone = 'SENT'
        and row_number() over (partition by room_id, sender_id, outcome_alone order by n) > 1 then 'SLOW_MODE'
      else outcome_alone
    end as outcome
  from alone
),`

/** What the decision looks at, beside the locked rows. */
export const LOCKED_ROWS = `
  left join room on room.id = input.room_id
  left join sender on sender.room_id = input.room_id and sender.user_id = input.sender_id`

export const ORIGINAL_AND_REPLIED = `
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
  ) as replied on true`

export const MESSAGE_COLUMNS = `
    tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, is_on_behalf, kind, content,
    reply_to_id, created_at, meta, forwarded_from`

export const MESSAGE_VALUES = `
    tenant_id, room_id, seq, id, seq, ordinal, sender_id, client_id, client_hash, is_on_behalf, 'text', content,
    reply_to_id, at, meta, forwarded_from`

/** Writes each send of a service in somebody's name into the audit log. */
export const AUDIT_STEP = `
audited as (
  insert into audit_log (tenant_id, id, actor_id, action, room_id, user_id, message_id)
  select tenant_id, id, actor_id, 'message.send', room_id, sender_id, id from accepted where actor_id is not null
),`

/** Moves the rooms on. `sent` selects, of each room, how many messages were sent there and when the latest was. */
export const moveRooms = (sent: string): string => `
  update rooms
  set last_seq = rooms.last_seq + sent.count, last_ordinal = rooms.last_ordinal + sent.count, last_message_at = sent.at
  from (${sent}) as sent
  where rooms.tenant_id = sent.tenant_id and rooms.id = sent.room_id`

/** Moves the senders' markers. `sent` selects the latest message of each; its seq and ordinal are null where none moves a marker. */
export const moveMarkers = (sent: string): string => `
  update members
  set last_sent_at = sent.at,
    read_seq = greatest(members.read_seq, sent.seq),
    read_ordinal = greatest(members.read_ordinal, sent.ordinal),
    own_above = case when sent.seq is null then members.own_above else 0 end,
    read_at = case when sent.seq is null then members.read_at else sent.at end
  from (${sent}) as sent
  where members.tenant_id = sent.tenant_id and members.room_id = sent.room_id and members.user_id = sent.sender_id`

/** A row for each send, in the batch's order: see `SendOutcome`. */
export const OUTCOME = `
  decided.outcome, decided.epoch_seed, decided.user_name, decided.user_picture_url, decided.at,
  decided.muted_ms::float8, decided.slow_ms::float8, accepted.seq, accepted.ordinal`
