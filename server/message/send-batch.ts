import { LIMITS } from '../../shared/limits.ts'
import {
  AUDIT_STEP,
  DECIDED_AMONG_ALL,
  INPUT_ARRAYS,
  INPUT_COLUMNS,
  IS_SLOWED,
  LOCK_MEMBER,
  LOCK_ROOM,
  LOCK_ROOMS_IN_ORDER,
  LOCKED_ROWS,
  MESSAGE_COLUMNS,
  MESSAGE_VALUES,
  moveMarkers,
  moveRooms,
  ORIGINAL_AND_REPLIED,
  OUTCOME,
  ROOM_AND_SENDER,
  SENT_JUST_NOW,
  TIMES,
  WHEN_A_SERVICE,
  WHEN_NOBODY_MAY_WRITE,
  WHEN_NOT_A_MEMBER_OR_REPEATED,
  WHEN_NOTHING_TO_REPLY_TO,
  WHEN_SENDER_MAY_NOT_WRITE,
} from './send-fragments.ts'

/*
 * Sends a batch of messages of one tenant: one statement, which is one transaction. Its steps lock the rooms in id order, then the
 * senders' member rows in (room, user) order; decide about each send from what is locked; give the accepted ones the next seqs and
 * ordinals of their rooms; insert them; and move counters and markers. Each step takes its rows from the one before, which makes the
 * order of the locks follow from the data.
 *
 * A lock wait makes `for no key update` see the row as it is after the wait, while everything else is seen as of the statement's
 * begin. Rights live in locked rows and are therefore never stale. A message that was committed meanwhile under the same clientId is
 * not seen here; the unique key refuses it, and the batch is done again.
 *
 * Look-ups in big tables are lateral, each by a whole index key, and take the tenant from the batch and not from the parameter:
 * otherwise a plan that was made while the tables were small, and is kept, scans the tenant's rows.
 *
 * No batch pays for what it does not hold:
 *
 *   SEND_LONE     one message to the room. Nothing is sorted, counted or grouped, which takes a third less of Postgres's CPU; most
 *                 batches of a server that is not busy are of one.
 *   SEND_PLAIN    messages to their rooms
 *   SEND_AUDITED  the same with sends of a service in somebody's name, which are written into the audit log
 *   SEND_FULL     beside all those also replies in threads and mentions
 */

/** Its parameters are scalars. */
export const SEND_LONE = `
with input as materialized (
  select $1::text as tenant_id, $2::uuid as room_id, $3::text as sender_id, $4::uuid as client_id, $5::bytea as client_hash,
    $6::uuid as id, $7::text as content, $8::uuid as reply_to_id, $9::jsonb as meta, $10::boolean as is_on_behalf,
    $11::boolean as is_service, $12::jsonb as forwarded_from, 1 as n
),
room as materialized (${LOCK_ROOM}
),
sender as materialized (
  select found.*
  from (
    select input.tenant_id, input.room_id, input.sender_id
    from input join room on room.id = input.room_id
  ) as wanted
  cross join lateral (${LOCK_MEMBER}
  ) as found
),
decided as materialized (
  select input.*, ${ROOM_AND_SENDER}, ${TIMES},
    case ${WHEN_NOT_A_MEMBER_OR_REPEATED}
      ${WHEN_NOBODY_MAY_WRITE} ${WHEN_NOTHING_TO_REPLY_TO} ${WHEN_A_SERVICE}
      ${WHEN_SENDER_MAY_NOT_WRITE}
      when sender.role = 'member' and room.slow_mode_seconds > 0 and ${SENT_JUST_NOW} then 'SLOW_MODE'
      else 'SENT'
    end as outcome
  from input ${LOCKED_ROWS} ${ORIGINAL_AND_REPLIED}
),
accepted as materialized (
  select decided.*, last_seq + 1 as seq, last_ordinal + 1 as ordinal
  from decided
  where outcome = 'SENT'
),
inserted as (
  insert into messages (${MESSAGE_COLUMNS}
  )
  select ${MESSAGE_VALUES}
  from accepted
),
counted as (${moveRooms(`
    select tenant_id, room_id, 1 as count, at from accepted`)}
),
marked as (${moveMarkers(`
    select tenant_id, room_id, sender_id, at, case when not is_on_behalf then seq end as seq,
      case when not is_on_behalf then ordinal end as ordinal
    from accepted`)}
)
select ${OUTCOME}
from decided left join accepted on accepted.n = decided.n`

/** What the audited statement adds to the plain one, at three points: nothing where nothing is audited. */
const NO_AUDIT = { array: '', column: '', step: '' }
const AUDIT = { array: ', $13::text[]', column: ', actor_id', step: AUDIT_STEP }

const toRooms = (audit: typeof NO_AUDIT): string => `
with input as materialized (
  select $1::text as tenant_id, batch.* from unnest(${INPUT_ARRAYS}${audit.array}
  ) with ordinality
  as batch(${INPUT_COLUMNS}${audit.column}, n
  )
),
room as materialized (${LOCK_ROOMS_IN_ORDER}
),
sender as materialized (
  select found.*
  from (
    select distinct input.tenant_id, input.room_id, input.sender_id
    from input join room on room.id = input.room_id
    order by input.room_id, input.sender_id
  ) as wanted
  cross join lateral (${LOCK_MEMBER}
  ) as found
),
alone as materialized (
  select input.*, ${ROOM_AND_SENDER}, ${TIMES}, ${IS_SLOWED},
    case ${WHEN_NOT_A_MEMBER_OR_REPEATED}
      ${WHEN_NOBODY_MAY_WRITE} ${WHEN_NOTHING_TO_REPLY_TO} ${WHEN_A_SERVICE}
      ${WHEN_SENDER_MAY_NOT_WRITE}
      when sender.role = 'member' and room.slow_mode_seconds > 0 and ${SENT_JUST_NOW} then 'SLOW_MODE'
      else 'SENT'
    end as outcome_alone
  from input ${LOCKED_ROWS} ${ORIGINAL_AND_REPLIED}
), ${DECIDED_AMONG_ALL}
accepted as materialized (
  select decided.*,
    last_seq + row_number() over in_room as seq,
    last_ordinal + row_number() over in_room as ordinal
  from decided
  where outcome = 'SENT'
  window in_room as (partition by room_id order by n)
),
inserted as (
  insert into messages (${MESSAGE_COLUMNS}
  )
  select ${MESSAGE_VALUES}
  from accepted
),
${audit.step}
counted as (${moveRooms(`
    select tenant_id, room_id, count(*) as count, max(at) as at from accepted group by tenant_id, room_id`)}
),
marked as (${moveMarkers(`
    select tenant_id, room_id, sender_id, max(at) as at,
      max(seq) filter (where not is_on_behalf) as seq,
      max(ordinal) filter (where not is_on_behalf) as ordinal
    from accepted group by tenant_id, room_id, sender_id`)}
)
select ${OUTCOME}
from decided left join accepted on accepted.n = decided.n
order by decided.n`

/** Its parameters are a tenant and arrays. */
export const SEND_PLAIN = toRooms(NO_AUDIT)
/** After the arrays of `SEND_PLAIN` comes one of who sends, where that is not the sender. */
export const SEND_AUDITED = toRooms(AUDIT)

/**
 * After the arrays of `SEND_PLAIN` come those of the threads, the mentions and the mentions of everybody, the roles that may mention
 * everybody, and an array of who sends, where that is not the sender.
 *
 * The roots of threads are locked after the rooms; the member rows of those who are mentioned and of the roots' authors together with
 * the senders'. A reply takes its room's next seq and its thread's next ordinal. Each root that was replied to changes once a batch, and takes
 * a seq after those of the messages. A send in somebody's name is written into the audit log.
 */
export const SEND_FULL = `
with input as materialized (
  select $1::text as tenant_id, batch.* from unnest(${INPUT_ARRAYS},
    $13::uuid[], $14::jsonb[], $15::boolean[], $17::text[]
  ) with ordinality
  as batch(${INPUT_COLUMNS}, thread_id, mentions, mentions_room, actor_id, n
  )
),
room as materialized (${LOCK_ROOMS_IN_ORDER}
),
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
),
sender as materialized (
  select found.*
  from (
    select distinct input.tenant_id, input.room_id, input.sender_id
    from (
      select tenant_id, room_id, sender_id from input
      union all
      select tenant_id, room_id, mentioned.id
      from input cross join lateral jsonb_array_elements_text(mentions) as mentioned(id)
      union all
      select $1, room_id, sender_id from root
    ) as input join room on room.id = input.room_id
    order by input.room_id, input.sender_id
  ) as wanted
  cross join lateral (${LOCK_MEMBER}
  ) as found
),
alone as materialized (
  select input.*, ${ROOM_AND_SENDER}, ${IS_SLOWED},
    root.seq as root_seq, root.sender_id as root_sender_id, coalesce(root.thread_count, 0) as thread_count,
    coalesce(root.thread_last_ordinal, 0) as thread_last_ordinal, root.thread_participants, ${TIMES},
    case ${WHEN_NOT_A_MEMBER_OR_REPEATED}
      ${WHEN_NOBODY_MAY_WRITE} ${WHEN_NOTHING_TO_REPLY_TO}
      when input.thread_id is not null and (
        root.seq is null or root.kind = 'system' or root.seq < greatest(room.history_from_seq, sender.visible_from_seq)
      ) then 'THREAD_OF_NOTHING'
      when root.thread_id is not null then 'THREAD_OF_REPLY'
      when root.deleted_at is not null and root.thread_last_ordinal is null then 'MESSAGE_DELETED' ${WHEN_A_SERVICE}
      ${WHEN_SENDER_MAY_NOT_WRITE}
      when input.mentions_room and sender.role <> all($16::text[]) then 'FORBIDDEN'
      when sender.role = 'member' and room.slow_mode_seconds > 0 and ${SENT_JUST_NOW} then 'SLOW_MODE'
      else 'SENT'
    end as outcome_alone
  from input ${LOCKED_ROWS}
  left join root on root.room_id = input.room_id and root.id = input.thread_id ${ORIGINAL_AND_REPLIED}
), ${DECIDED_AMONG_ALL}
accepted as materialized (
  select decided.*,
    last_seq + row_number() over in_room as seq,
    case when thread_id is null then last_ordinal + count(*) filter (where thread_id is null) over in_room
      else thread_last_ordinal + row_number() over (partition by room_id, thread_id order by n) end as ordinal,
    last_seq + count(*) over (partition by room_id) as messages_to_seq
  from decided
  where outcome = 'SENT'
  window in_room as (partition by room_id order by n)
),
mentioned as materialized (
  select accepted.n, array_agg(sender.user_id order by named.position) as user_ids
  from accepted
  cross join lateral jsonb_array_elements_text(accepted.mentions) with ordinality as named(user_id, position)
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
      select array_agg(first.id order by first.position) from (
        select who.id, min(who.position) as position from unnest(bumped.participants) with ordinality as who(id, position)
        group by who.id order by position limit ${LIMITS.threadParticipants}
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
),
inserted as (
  insert into messages (${MESSAGE_COLUMNS}, thread_id, mentions, mentions_room
  )
  select ${MESSAGE_VALUES}, thread_id, coalesce(mentioned.user_ids, '{}'), mentions_room
  from accepted left join mentioned on mentioned.n = accepted.n
),
${AUDIT_STEP}
counted as (
  update rooms
  set last_seq = rooms.last_seq + sent.seqs, last_ordinal = rooms.last_ordinal + sent.ordinals,
    last_message_at = coalesce(sent.at, rooms.last_message_at)
  from (
    select tenant_id, room_id, count(*) + count(distinct thread_id) as seqs,
      count(*) filter (where thread_id is null) as ordinals, max(at) filter (where thread_id is null) as at
    from accepted group by tenant_id, room_id
  ) as sent
  where rooms.tenant_id = sent.tenant_id and rooms.id = sent.room_id
),
marked as (${moveMarkers(`
    select tenant_id, room_id, sender_id, max(at) as at,
      max(seq) filter (where not is_on_behalf and thread_id is null) as seq,
      max(ordinal) filter (where not is_on_behalf and thread_id is null) as ordinal
    from accepted group by tenant_id, room_id, sender_id`)}
)
select ${OUTCOME}, mentioned.user_ids as mentions, threaded.row as root,
  author.user_name as root_user_name, author.user_picture_url as root_user_picture_url
from decided left join accepted on accepted.n = decided.n
left join mentioned on mentioned.n = decided.n
left join threaded on threaded.last_n = decided.n
left join sender as author on author.room_id = threaded.room_id and author.user_id = threaded.sender_id
order by decided.n`
