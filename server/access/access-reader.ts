import DataLoader from 'dataloader'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { RoomRow, Tx } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import { memberKey, roomKey } from '../lib/keys.ts'
import type { Session } from '../rpc/context.ts'
import { type Access, accessOf } from './access.ts'
import { type MemberNow, memberClock } from './member-now.ts'

interface Question {
  caller: Pick<Session, 'tenantId' | 'userId' | 'role'>
  roomId: string
}

/** Questions that share two statements. */
const MAX_BATCH = 500

/**
 * Reads access for streams that start. Reads requested in one turn of the event loop share their statements: a thousand clients
 * that reconnect together cost the database a few look-ups instead of thousands.
 */
export class AccessReader {
  readonly #loader: DataLoader<Question, Access>

  constructor(database: Pick<Database, 'db'>) {
    this.#loader = new DataLoader((questions) => readSnapshot(database.db, (tx) => readAccesses(tx, questions)), {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn: (run) => setImmediate(run),
    })
  }

  /** Like `readAccess`, from one snapshot. @throws ChatError NOT_FOUND, NOT_A_MEMBER */
  read(caller: Question['caller'], roomId: string): Promise<Access> {
    return this.#loader.load({ caller, roomId })
  }
}

/** One answer per question, in the same order. Takes two statements for any number of questions. */
export async function readAccesses(tx: Tx, questions: readonly Question[]): Promise<(Access | Error)[]> {
  const rooms = new Map(
    (await readRooms(tx, questions)).map((room) => [roomKey({ tenantId: room.tenant_id, roomId: room.id }), room]),
  )
  const members = new Map(
    (await readMembers(tx, questions)).map((row) => [
      memberKey({ tenantId: row.tenant_id, roomId: row.room_id, userId: row.user_id }),
      row,
    ]),
  )
  return questions.map(({ caller, roomId }) => {
    const room = rooms.get(roomKey({ tenantId: caller.tenantId, roomId }))
    if (!room || room.deleted_at) return new ChatError('NOT_FOUND')
    try {
      return accessOf(
        caller,
        room,
        members.get(memberKey({ tenantId: caller.tenantId, roomId, userId: caller.userId })),
      )
    } catch (refused) {
      return refused instanceof Error ? refused : new Error(String(refused))
    }
  })
}

function readRooms(tx: Tx, questions: readonly Question[]): Promise<RoomRow[]> {
  const distinct = [
    ...new Map(
      questions.map((each) => [roomKey({ tenantId: each.caller.tenantId, roomId: each.roomId }), each]),
    ).values(),
  ]
  const asked = sql<{ tenant_id: string; id: string }>`unnest(
    ${distinct.map(({ caller }) => caller.tenantId)}::text[], ${distinct.map(({ roomId }) => roomId)}::uuid[])`
  return tx
    .selectFrom(asked.as<'asked'>(sql`asked(tenant_id, id)`))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('rooms')
          .selectAll()
          .whereRef('tenant_id', '=', 'asked.tenant_id')
          .whereRef('rooms.id', '=', 'asked.id')
          .limit(1)
          .as('found'),
      (join) => join.onTrue(),
    )
    .selectAll('found')
    .execute()
}

function readMembers(tx: Tx, questions: readonly Question[]): Promise<MemberNow[]> {
  const asked = sql<{ tenant_id: string; room_id: string; user_id: string }>`unnest(
    ${questions.map(({ caller }) => caller.tenantId)}::text[], ${questions.map(({ roomId }) => roomId)}::uuid[],
    ${questions.map(({ caller }) => caller.userId)}::text[])`
  return tx
    .selectFrom(asked.as<'asked'>(sql`asked(tenant_id, room_id, user_id)`))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('members')
          .selectAll()
          .select(memberClock)
          .whereRef('tenant_id', '=', 'asked.tenant_id')
          .whereRef('members.room_id', '=', 'asked.room_id')
          .whereRef('members.user_id', '=', 'asked.user_id')
          .limit(1)
          .as('found'),
      (join) => join.onTrue(),
    )
    .selectAll('found')
    .execute()
}
