import { hash } from 'node:crypto'
import { LIMITS } from '../../shared/limits.ts'
import type { Person } from './seed-people.ts'
import type { SeededRandom } from './seeded-random.ts'
import { saying, topic } from './sentences.ts'

/** Rows by table, as JSON that Postgres reads into them. */
export interface RoomRows {
  rooms: object[]
  members: object[]
  messages: MessageSeed[]
  message_versions: object[]
}

interface MessageSeed {
  tenant_id: string
  room_id: string
  seq: number
  changed_seq: number
  ordinal: number
  id: string
  sender_id: string
  client_id: string
  client_hash: string
  kind: 'text'
  content: string
  reply_to_id: string | null
  mentions: string[]
  mentions_room: boolean
  reactions: object[]
  attachments: object[]
  is_on_behalf: boolean
  created_at: Date
  edited_at: Date | null
  deleted_at: Date | null
  deleted_seq: number | null
  deleted_by: string | null
  meta: object
}

export interface RoomPlan {
  kind: 'direct' | 'group' | 'channel'
  people: Person[]
  messages: number
}

const DAY_MS = 86_400_000
const HISTORY_DAYS = 400

/** The rows of one room as its log would have left them: seqs and ordinals without a gap, counters and markers that fit. */
export function makeRoom(random: SeededRandom, tenantId: string, plan: RoomPlan, now: number): RoomRows {
  const { kind, people } = plan
  const createdAt = now - random.between(30, HISTORY_DAYS) * DAY_MS
  const roomId = random.uuid(createdAt)
  const log = makeLog(random, { tenantId, roomId, createdAt, now }, plan)
  const [owner] = people
  const [low, high] = kind === 'direct' ? people.map((person) => person.id).sort() : []
  const room = {
    tenant_id: tenantId,
    id: roomId,
    kind,
    name: kind === 'direct' ? null : topic(random),
    description: '',
    is_private: kind !== 'channel',
    created_by: owner?.id,
    direct_low: low ?? null,
    direct_high: high ?? null,
    member_count: people.length,
    is_large: people.length > LIMITS.smallRoom,
    epoch_seed: random.uuid(createdAt),
    last_seq: log.lastSeq,
    last_ordinal: log.messages.length,
    last_message_at: log.messages.at(-1)?.created_at ?? null,
    seq: 1,
    changed_seq: 1,
    created_at: new Date(createdAt),
    updated_at: new Date(createdAt),
    meta: {},
  }
  const members = people.map((person, index) => {
    const own = log.messages.findLast((message) => message.sender_id === person.id)
    const read = lastRead(random, log.messages, own)
    return {
      tenant_id: tenantId,
      room_id: roomId,
      user_id: person.id,
      user_name: person.name,
      role: index === 0 && kind !== 'direct' ? 'owner' : index === 1 && people.length > 5 ? 'admin' : 'member',
      joined_at: new Date(createdAt),
      seq: index + 2,
      joined_seq: index + 2,
      changed_seq: index + 2,
      visible_from_seq: 0,
      read_seq: read?.seq ?? people.length + 1,
      read_ordinal: read?.ordinal ?? 0,
      read_at: read?.created_at ?? null,
      delivered_seq: 0,
      last_sent_at: own?.created_at ?? null,
      settings: {},
    }
  })
  return { rooms: [room], members, messages: log.messages, message_versions: log.versions }
}

/** Somewhere at or after the member's own last message: sending one reads what is before it. */
function lastRead(
  random: SeededRandom,
  messages: MessageSeed[],
  own: MessageSeed | undefined,
): MessageSeed | undefined {
  const unread = random.chance(0.6) ? 0 : Math.floor(random.next() ** 3 * 200)
  return messages[Math.max((own?.ordinal ?? 0) - 1, messages.length - 1 - unread)]
}

interface Place {
  tenantId: string
  roomId: string
  createdAt: number
  now: number
}

function makeLog(
  random: SeededRandom,
  { tenantId, roomId, createdAt, now }: Place,
  { people, messages: count }: RoomPlan,
) {
  const messages: MessageSeed[] = []
  const versions: object[] = []
  const talkers = people.slice(0, Math.max(2, Math.ceil(people.length * random.next())))
  const times = Array.from({ length: count }, () => now - (now - createdAt) * random.next() ** 1.5).sort(
    (a, b) => a - b,
  )
  let lastSeq = people.length + 1
  for (const time of times) {
    const sender = random.pick(talkers)
    const replied = random.chance(0.12) ? messages.at(-random.between(1, 8)) : undefined
    const replyToId = replied?.id ?? null
    const content = saying(random, { isReply: replyToId !== null, name: random.pick(people).name })
    const seq = ++lastSeq
    messages.push({
      tenant_id: tenantId,
      room_id: roomId,
      seq,
      changed_seq: seq,
      ordinal: messages.length + 1,
      id: random.uuid(Math.floor(time)),
      sender_id: sender.id,
      client_id: random.uuid(Math.floor(time)),
      // As message.send reckons it, so that the same send again would be known.
      client_hash: `\\x${hash('sha256', JSON.stringify([content, replyToId, '{}']), 'hex')}`,
      kind: 'text',
      content,
      reply_to_id: replyToId,
      mentions: [],
      mentions_room: false,
      reactions: [],
      attachments: [],
      is_on_behalf: false,
      created_at: new Date(time),
      edited_at: null,
      deleted_at: null,
      deleted_seq: null,
      deleted_by: null,
      meta: {},
    })
    const changed = random.chance(0.025) ? messages.at(-random.between(1, 5)) : undefined
    if (!changed || changed.deleted_at) continue
    changed.changed_seq = ++lastSeq
    versions.push({
      tenant_id: tenantId,
      room_id: roomId,
      message_id: changed.id,
      seq: lastSeq,
      content: changed.content,
      replaced_at: new Date(time),
    })
    if (random.chance(0.3)) {
      Object.assign(changed, {
        content: '',
        deleted_at: new Date(time),
        deleted_seq: lastSeq,
        deleted_by: changed.sender_id,
      })
    } else {
      Object.assign(changed, { content: `${changed.content} (corrected)`, edited_at: new Date(time) })
    }
  }
  return { messages, versions, lastSeq }
}
