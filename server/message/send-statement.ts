import type { ForwardedFrom } from '../../shared/message.ts'
import { MEMBER_ROLES, mayRole } from '../../shared/permissions.ts'
import { SEND_AUDITED, SEND_FULL, SEND_LONE, SEND_PLAIN } from './send-batch.ts'

/** One message to write. The other sends of its batch make no difference to its answer. */
export interface Send {
  tenantId: string
  roomId: string
  senderId: string
  clientId: string
  clientHash: Buffer
  id: string
  content: string
  replyToId: string | null
  /** JSON text. */
  meta: string
  isOnBehalf: boolean
  isService: boolean
  forwardedFrom: ForwardedFrom | null
  /** Absent from a message that is no reply in a thread and mentions nobody. */
  threadAndMentions?: ThreadAndMentions
  /** The service that sends in the sender's name, for the audit log. Absent from what the sender sends. */
  actorId?: string
}

export interface ThreadAndMentions {
  threadId: string | null
  /** Each user once. Users who are not in the room are left out. */
  mentions: string[]
  mentionsRoom: boolean
}

/** A statement that each connection prepares once, and its parameters. */
interface SendStatement {
  statement: { name: string; text: string }
  values: unknown[]
}

const LONE = { name: 'send-lone', text: SEND_LONE }
const PLAIN = { name: 'send-plain', text: SEND_PLAIN }
const AUDITED = { name: 'send-audited', text: SEND_AUDITED }
const FULL = { name: 'send-full', text: SEND_FULL }

/** The roles that may mention everybody. */
const MAY_MENTION_ROOM = MEMBER_ROLES.filter((role) => mayRole(role, 'message.mentionRoom'))

/** The leanest statement that can send all of these messages of one tenant. */
export function sendStatement(sends: Send[]): SendStatement {
  const [first] = sends
  if (!first) throw new Error('A batch without a send')
  if (sends.some(({ threadAndMentions }) => threadAndMentions !== undefined)) {
    const values = [first.tenantId, ...arraysOf(sends), ...threadsAndMentionsOf(sends), actorsOf(sends)]
    return { statement: FULL, values }
  }
  if (sends.some(({ actorId }) => actorId !== undefined)) {
    return { statement: AUDITED, values: [first.tenantId, ...arraysOf(sends), actorsOf(sends)] }
  }
  if (sends.length > 1) return { statement: PLAIN, values: [first.tenantId, ...arraysOf(sends)] }
  return { statement: LONE, values: [first.tenantId, ...COLUMNS.map((column) => first[column])] }
}

/** In the order of the parameters, after the tenant. An object is written as JSON. */
const COLUMNS = [
  'roomId',
  'senderId',
  'clientId',
  'clientHash',
  'id',
  'content',
  'replyToId',
  'meta',
  'isOnBehalf',
  'isService',
  'forwardedFrom',
] as const satisfies (keyof Send)[]

/** Column by column, as `unnest` takes them. */
const arraysOf = (sends: Send[]): unknown[] => COLUMNS.map((column) => sends.map((send) => send[column]))

/** What `SEND_FULL` alone takes, before the actors. */
const threadsAndMentionsOf = (sends: Send[]): unknown[] => [
  sends.map(({ threadAndMentions }) => threadAndMentions?.threadId ?? null),
  sends.map(({ threadAndMentions }) => JSON.stringify(threadAndMentions?.mentions ?? [])),
  sends.map(({ threadAndMentions }) => threadAndMentions?.mentionsRoom ?? false),
  MAY_MENTION_ROOM,
]

const actorsOf = (sends: Send[]) => sends.map(({ actorId }) => actorId ?? null)
