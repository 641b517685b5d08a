import { LIMITS } from '../../shared/limits.ts'
import { writeRulesSql } from '../access/write-rights.ts'
import type { BatchedRoot } from './thread-root.ts'

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
 *
 * It has three forms, so that nobody pays for what a batch does not hold. `addressed` is for those with a reply in a thread or a
 * mention: it also locks the roots of threads (after the rooms), and the member rows of who is mentioned and of the roots' authors (with
 * the senders'). A reply takes its room's next seq and its thread's next ordinal; each root that was replied to changes once a batch,
 * and takes a seq after those of the messages. `lone` is for a single message, of which nothing has to be sorted, counted or grouped:
 * it takes a third less of Postgres's CPU, and most batches of a server that is not busy are of one. `audited` is for those with a send of a
 * service in somebody's name, and can be `addressed` as well: each such message is written into the audit log by the same statement.
 */
const sendBatch = ({ isAddressed = false, isAudited = false, isLone = false }): string => {
  const addressed = (text: string) => (isAddressed ? text : '')
  const audited = (text: string) => (isAudited ? text : '')
  const either = (plain: string, other: string) => (isAddressed ? other : plain)
  const among = (text: string) => (isLone ? '' : text)
  const place = isLone ? '1' : 'row_number() over in_room'
  return `
with input as materialized (
  ${
    isLone
      ? `select $1::text as tenant_id, $2::uuid as room_id, $3::text as sender_id, $4::uuid as client_id, $5::bytea as client_hash,
    $6::uuid as id, $7::text as content, $8::uuid as reply_to_id, $9::jsonb as meta, $10::boolean as is_on_behalf,
    $11::boolean as is_service, $12::jsonb as forwarded_from, 1 as n`
      : `select $1::text as tenant_id, batch.* from unnest(
    $2::uuid[], $3::text[], $4::uuid[], $5::bytea[], $6::uuid[], $7::text[], $8::uuid[], $9::jsonb[], $10::boolean[], $11::boolean[],
    $12::jsonb[]${addressed(', $13::uuid[], $14::jsonb[], $15::boolean[]')}${audited(isAddressed ? ', $17::text[]' : ', $13::text[]')}
  ) with ordinality
  as batch(
    room_id, sender_id, client_id, client_hash, id, content, reply_to_id, meta, is_on_behalf, is_service, forwarded_from
    ${addressed(', thread_id, mentions, mentions_room')}${audited(', actor_id')}, n
  )`
  }
),
room as materialized (
  select id, kind, is_private, epoch_seed, last_seq, last_ordinal, history_from_seq, slow_mode_seconds,
    frozen_at, archived_at, deleted_at
  from rooms
  where tenant_id = $1 and id = ${isLone ? '$2::uuid' : 'any($2::uuid[])\n  order by id'}
  for no key update
),
${addressed(`
root as materialized (
  select found.*
  from (
    select distinct input.tenant_id, input.room_id, input.thread_id
    from input join room on room.id = input.room_id
    where input.thread_id is not null
    order by input.room_id, input.thread_id
  ) as wanted
  cross join lateral (
    select room_id, messages.id, seq, sender_id, kind, thread_id, deleted_at, thread_count, thread_last_ordinal, thread_participants
    from messages
    where tenant_id = wanted.tenant_id and room_id = wanted.room_id and messages.id = wanted.thread_id
    for no key update
  ) as found
),`)}
sender as materialized (
  select found.*
  from (
    select ${among('distinct')} input.tenant_id, input.room_id, input.sender_id
    from ${either(
      'input join room on room.id = input.room_id',
      `(
      select tenant_id, room_id, sender_id from input
      union all
      select tenant_id, room_id, mentioned.id
      from input cross join lateral jsonb_array_elements_text(mentions) as mentioned(id)
      union all
      select $1, room_id, sender_id from root
    ) as input join room on room.id = input.room_id`,
    )}
    ${among('order by input.room_id, input.sender_id')}
  ) as wanted
  cross join lateral (
    select room_id, user_id, user_name, user_picture_url, role, left_at, muted_until, blocked_at, last_sent_at,
      visible_from_seq
    from members
    where tenant_id = wanted.tenant_id and room_id = wanted.room_id and user_id = wanted.sender_id
    for no key update
  ) as found
),
${isLone ? 'decided' : 'alone'} as materialized (
  select input.*, room.epoch_seed, room.last_seq, room.last_ordinal, sender.user_name, sender.user_picture_url,
    ${addressed(`root.seq as root_seq, root.sender_id as root_sender_id, coalesce(root.thread_count, 0) as thread_count,
    coalesce(root.thread_last_ordinal, 0) as thread_last_ordinal, root.thread_participants,`)}
    clock_timestamp() as at,
    extract(epoch from sender.muted_until - clock_timestamp()) * 1000 as muted_ms,
    ${among("not input.is_service and sender.role = 'member' and room.slow_mode_seconds > 0 as is_slowed,")}
    room.slow_mode_seconds * 1000 - case
      when sender.last_sent_at > clock_timestamp() - make_interval(secs => room.slow_mode_seconds)
        then extract(epoch from clock_timestamp() - sender.last_sent_at) * 1000
      else 0
    end as slow_ms,
    case
      when room.id is null or room.deleted_at is not null then 'NOT_FOUND'
      when sender.user_id is null or sender.left_at is not null then
        case when input.is_service or (room.kind = 'channel' and not room.is_private)
          then 'NOT_A_MEMBER' else 'NOT_FOUND' end
      when original.client_hash is not null then
        case when original.client_hash = input.client_hash then 'REPEATED' else 'CLIENT_ID_REUSED' end
      ${writeRulesSql({ bindsServices: true })}
      when input.reply_to_id is not null and replied.seq is null then 'REPLY_TO_NOTHING'
      ${addressed(`
      when input.thread_id is not null and (
        root.seq is null or root.kind = 'system' or root.seq < greatest(room.history_from_seq, sender.visible_from_seq)
      ) then 'THREAD_OF_NOTHING'
      when root.thread_id is not null then 'THREAD_OF_REPLY'
      when root.deleted_at is not null and root.thread_last_ordinal is null then 'MESSAGE_DELETED'`)}
      when input.is_service then 'SENT'
      ${writeRulesSql({ bindsServices: false })}
      ${addressed("when input.mentions_room and sender.role <> all($16::text[]) then 'FORBIDDEN'")}
      when sender.role = 'member' and room.slow_mode_seconds > 0
        and sender.last_sent_at > clock_timestamp() - make_interval(secs => room.slow_mode_seconds) then 'SLOW_MODE'
      else 'SENT'
    end as ${isLone ? 'outcome' : 'outcome_alone'}
  from input
  left join room on room.id = input.room_id
  left join sender on sender.room_id = input.room_id and sender.user_id = input.sender_id
  ${addressed('left join root on root.room_id = input.room_id and root.id = input.thread_id')}
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
${among(`
decided as materialized (
  select alone.*, case
      when is_slowed and outcome_alone = 'SENT'
        and row_number() over (partition by room_id, sender_id, outcome_alone order by n) > 1 then 'SLOW_MODE'
      else outcome_alone
    end as outcome
  from alone
),`)}
accepted as materialized (
  select decided.*,
    last_seq + ${place} as seq,
    ${either(
      `last_ordinal + ${place} as ordinal`,
      `case when thread_id is null then last_ordinal + count(*) filter (where thread_id is null) over in_room
      else thread_last_ordinal + row_number() over (partition by room_id, thread_id order by n) end as ordinal,
    last_seq + count(*) over (partition by room_id) as messages_to_seq`,
    )}
  from decided
  where outcome = 'SENT'
  ${among('window in_room as (partition by room_id order by n)')}
),
${addressed(`
mentioned as materialized (
  select accepted.n, array_agg(sender.user_id order by named.place) as user_ids
  from accepted
  cross join lateral jsonb_array_elements_text(accepted.mentions) with ordinality as named(user_id, place)
  join sender on sender.room_id = accepted.room_id and sender.user_id = named.user_id and sender.left_at is null
  group by accepted.n
),
bumped as materialized (
  select tenant_id, room_id, root_seq, max(n) as last_n, thread_count + count(*) as count, max(ordinal) as last_ordinal,
    max(at) as last_at, coalesce(thread_participants, '{}') || array_agg(sender_id order by n) as participants,
    messages_to_seq + row_number() over (partition by room_id order by min(n)) as changed_seq
  from accepted
  where thread_id is not null
  group by tenant_id, room_id, root_seq, thread_count, thread_participants, messages_to_seq
),
threaded as (
  update messages
  set changed_seq = bumped.changed_seq, thread_count = bumped.count, thread_last_ordinal = bumped.last_ordinal,
    thread_last_at = bumped.last_at, thread_participants = (
      select array_agg(first.id order by first.place) from (
        select who.id, min(who.place) as place from unnest(bumped.participants) with ordinality as who(id, place)
        group by who.id order by place limit ${LIMITS.threadParticipants}
      ) as first
    )
  from bumped
  where messages.tenant_id = bumped.tenant_id and messages.room_id = bumped.room_id and messages.seq = bumped.root_seq
  returning bumped.last_n, messages.sender_id, messages.room_id, to_jsonb(messages) - 'client_hash' as row
),
followed as (
  insert into thread_follows (tenant_id, room_id, thread_id, user_id, read_ordinal, own_ordinal)
  select tenant_id, room_id, thread_id, user_id, coalesce(max(own), min(ordinal) - 1), coalesce(max(own), 0)
  from (
    select tenant_id, room_id, thread_id, sender_id as user_id, ordinal, case when not is_on_behalf then ordinal end as own
    from accepted
    union all
    select tenant_id, room_id, thread_id, unnest(user_ids), ordinal, null
    from accepted join mentioned on mentioned.n = accepted.n
    union all
    select tenant_id, accepted.room_id, thread_id, author.user_id, ordinal, null
    from accepted
    join sender as author on author.room_id = accepted.room_id and author.user_id = root_sender_id and author.left_at is null
    where ordinal = 1
  ) as drawn
  where thread_id is not null
  group by tenant_id, room_id, thread_id, user_id
  order by room_id, thread_id, user_id
  on conflict (tenant_id, room_id, thread_id, user_id) do update
  set read_ordinal = greatest(thread_follows.read_ordinal, excluded.own_ordinal), own_ordinal = excluded.own_ordinal
  where excluded.own_ordinal > thread_follows.own_ordinal
),
noted as (
  insert into mentions (tenant_id, room_id, thread_id, user_id, ordinal, sender_id)
  select tenant_id, room_id, thread_id, named.user_id, ordinal, sender_id
  from accepted
  join mentioned on mentioned.n = accepted.n
  cross join lateral unnest(mentioned.user_ids) as named(user_id)
  where not mentions_room and named.user_id <> sender_id
  union all
  select tenant_id, room_id, thread_id, null, ordinal, sender_id from accepted where mentions_room
),`)}
inserted as (
  insert into messages (
    tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, is_on_behalf, kind, content,
    reply_to_id, created_at, meta, forwarded_from${addressed(', thread_id, mentions, mentions_room')}
  )
  select tenant_id, room_id, seq, id, seq, ordinal, sender_id, client_id, client_hash, is_on_behalf, 'text', content,
    reply_to_id, at, meta, forwarded_from${addressed(", thread_id, coalesce(mentioned.user_ids, '{}'), mentions_room")}
  from accepted${addressed(' left join mentioned on mentioned.n = accepted.n')}
),
${audited(`
audited as (
  insert into audit_log (tenant_id, id, actor_id, action, room_id, user_id, message_id)
  select tenant_id, id, actor_id, 'message.send', room_id, sender_id, id from accepted where actor_id is not null
),`)}
counted as (
  update rooms
  ${either(
    `set last_seq = rooms.last_seq + sent.count, last_ordinal = rooms.last_ordinal + sent.count, last_message_at = sent.at
  from (${
    isLone
      ? 'select tenant_id, room_id, 1 as count, at from accepted'
      : 'select tenant_id, room_id, count(*) as count, max(at) as at from accepted group by tenant_id, room_id'
  }) as sent`,
    `set last_seq = rooms.last_seq + sent.seqs, last_ordinal = rooms.last_ordinal + sent.ordinals,
    last_message_at = coalesce(sent.at, rooms.last_message_at)
  from (
    select tenant_id, room_id, count(*) + count(distinct thread_id) as seqs,
      count(*) filter (where thread_id is null) as ordinals, max(at) filter (where thread_id is null) as at
    from accepted group by tenant_id, room_id
  ) as sent`,
  )}
  where rooms.tenant_id = sent.tenant_id and rooms.id = sent.room_id
),
marked as (
  update members
  set last_sent_at = sent.at,
    read_seq = greatest(members.read_seq, sent.seq),
    read_ordinal = greatest(members.read_ordinal, sent.ordinal),
    own_above = case when sent.seq is null then members.own_above else 0 end,
    read_at = case when sent.seq is null then members.read_at else sent.at end
  from (
    ${
      isLone
        ? `select tenant_id, room_id, sender_id, at, case when not is_on_behalf then seq end as seq,
      case when not is_on_behalf then ordinal end as ordinal
    from accepted`
        : `select tenant_id, room_id, sender_id, max(at) as at,
      max(seq) filter (where not is_on_behalf${addressed(' and thread_id is null')}) as seq,
      max(ordinal) filter (where not is_on_behalf${addressed(' and thread_id is null')}) as ordinal
    from accepted group by tenant_id, room_id, sender_id`
    }
  ) as sent
  where members.tenant_id = sent.tenant_id and members.room_id = sent.room_id and members.user_id = sent.sender_id
)
select decided.outcome, decided.epoch_seed, decided.user_name, decided.user_picture_url, decided.at,
  decided.muted_ms::float8, decided.slow_ms::float8, accepted.seq, accepted.ordinal
  ${addressed(`, mentioned.user_ids as mentions, threaded.row as root,
  author.user_name as root_user_name, author.user_picture_url as root_user_picture_url`)}
from decided left join accepted on accepted.n = decided.n
${addressed(`left join mentioned on mentioned.n = decided.n
left join threaded on threaded.last_n = decided.n
left join sender as author on author.room_id = threaded.room_id and author.user_id = threaded.sender_id`)}
${among('order by decided.n')}`
}

export const SEND_BATCH = sendBatch({})
/** For batches with a reply in a thread or a mention. */
export const SEND_ADDRESSED_BATCH = sendBatch({ isAddressed: true })
/** For batches with a send in somebody's name. Their last parameter is who sends, where it is not the sender. */
export const SEND_AUDITED_BATCH = sendBatch({ isAudited: true })
export const SEND_ADDRESSED_AUDITED_BATCH = sendBatch({ isAddressed: true, isAudited: true })
/** For a batch of one, without an address. Its parameters are scalars. */
export const SEND_LONE = sendBatch({ isLone: true })

/** What became of one send of a batch, in the batch's order. */
export interface SendOutcome extends BatchedRoot {
  outcome: 'SENT' | 'REPEATED' | SendRefusal
  epoch_seed: string
  user_name: string
  user_picture_url: string | null
  at: Date
  muted_ms: number | null
  slow_ms: number | null
  seq: number | null
  ordinal: number | null
  /** Of those who were to be mentioned, who is in the room. */
  mentions?: string[] | null
}

export type SendRefusal =
  | 'NOT_FOUND'
  | 'NOT_A_MEMBER'
  | 'CLIENT_ID_REUSED'
  | 'ROOM_ARCHIVED'
  | 'ROOM_FROZEN'
  | 'BLOCKED'
  | 'MUTED'
  | 'SLOW_MODE'
  | 'FORBIDDEN'
  | 'MESSAGE_DELETED'
  | 'REPLY_TO_NOTHING'
  | 'THREAD_OF_NOTHING'
  | 'THREAD_OF_REPLY'
