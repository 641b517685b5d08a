import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { MemberRole } from '../../shared/permissions.ts'
import type { RoomKind, roomInputs } from '../../shared/room.ts'
import { recordAct } from '../audit/audit-write.ts'
import { userChannel } from '../bus/bus.ts'
import type { Tx, UserRow } from '../db/schema.ts'
import { transact } from '../db/transaction.ts'
import { uuidv7 } from '../db/uuid.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { databaseErrorCode } from '../errors/database-error.ts'
import { assertSameRequest, clientHash as hashOf } from '../lib/client-hash.ts'
import type { RoomChangeServices } from '../log/room-change.ts'
import { bumpUsers, lockUsers } from '../log/user-rows.ts'
import type { Services, Session } from '../rpc/context.ts'
import { blocksBetween, findDirect, inOrder } from './direct-pair.ts'

type CreateInput = z.output<typeof roomInputs.create>

const UNIQUE_VIOLATION = '23505'

/** Creates a group or channel with its first members and returns its id. Repeating a clientId returns the same room. */
export async function createRoom(services: RoomChangeServices, session: Session, input: CreateInput): Promise<string> {
  const ownerId = input.ownerId ?? session.userId
  if (ownerId !== session.userId && session.role !== 'service') throw new ChatError('FORBIDDEN')
  const { clientId, ...content } = input
  const memberIds = (input.memberIds ?? []).filter((id) => id !== ownerId)
  const clientHash = hashOf(content)
  const find = async () =>
    clientId === undefined ? undefined : findByClientId(services, session.tenantId, { ownerId, clientId, clientHash })
  const room = {
    tenantId: session.tenantId,
    kind: input.kind,
    name: input.name,
    description: input.description ?? '',
    isPrivate: input.isPrivate ?? input.kind === 'group',
    meta: JSON.stringify(input.meta ?? {}),
    members: [
      { id: ownerId, role: 'owner' as const, field: 'ownerId' },
      ...[...new Set(memberIds)].map((id) => {
        return { id, role: 'member' as const, field: `memberIds.${input.memberIds?.indexOf(id)}` }
      }),
    ],
    ...(clientId === undefined ? {} : { clientId, clientHash }),
  }
  return (await find()) ?? insertOrFind(services, session, room, find)
}

/**
 * The id of the only direct room of two users. The first call creates it, from either side and even under concurrent calls.
 * @throws ChatError BLOCKED if the other user has blocked the caller
 */
export async function directRoom(services: RoomChangeServices, session: Session, peerId: string): Promise<string> {
  const { tenantId, userId } = session
  if (peerId === userId) throw invalidInput('userId', 'must be another user')
  const find = async () => {
    const found = await findDirect(services.database.db, { tenantId, userId, peerId })
    if (found?.isBlocked && session.role !== 'service') throw new ChatError('BLOCKED')
    return found?.id
  }
  const members = [userId, peerId].map((id) => ({ id, role: 'member' as const, field: 'userId' }))
  const room = { tenantId, kind: 'direct' as const, name: null, description: '', isPrivate: true, meta: '{}', members }
  return (await find()) ?? insertOrFind(services, session, room, find)
}

/** Inserts the room. If a concurrent call was faster, a unique key reports it and that call's room is returned. */
async function insertOrFind(
  services: RoomChangeServices,
  session: Session,
  room: NewRoom,
  find: () => Promise<string | undefined>,
): Promise<string> {
  try {
    return await insertRoom(services, session, room)
  } catch (error) {
    const winner = databaseErrorCode(error) === UNIQUE_VIOLATION ? await find() : undefined
    if (winner === undefined) throw error
    return winner
  }
}

async function findByClientId(
  { database }: Pick<Services, 'database'>,
  tenantId: string,
  { ownerId, clientId, clientHash }: { ownerId: string; clientId: string; clientHash: Buffer },
): Promise<string | undefined> {
  const room = await database.db
    .selectFrom('rooms')
    .select(['id', 'client_hash', 'deleted_at'])
    .where('tenant_id', '=', tenantId)
    .where('created_by', '=', ownerId)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  if (!room) return undefined
  assertSameRequest(room.deleted_at ? null : room.client_hash, clientHash)
  return room.id
}

interface NewRoom {
  tenantId: string
  kind: RoomKind
  name: string | null
  description: string
  isPrivate: boolean
  meta: string
  /** The first one is the creator; `field` is the caller's input that named the user. */
  members: { id: string; role: MemberRole; field: string }[]
  clientId?: string
  clientHash?: Buffer
}

/** The room takes seq 1 and its first members the next ones, as if they had joined one by one. */
async function insertRoom({ database, bus }: RoomChangeServices, session: Session, room: NewRoom): Promise<string> {
  const { tenantId, members } = room
  const userIds = members.map((member) => member.id)
  const [creatorId = '', otherId = ''] = userIds
  const [low, high] = room.kind === 'direct' ? inOrder(creatorId, otherId) : [null, null]
  const id = uuidv7()
  await transact(database.db, async (tx) => {
    const users = await lockUsers(tx, tenantId, userIds)
    const missing = members.find((member) => !users.has(member.id))
    if (missing) throw invalidInput(missing.field, `user ${missing.id} does not exist`)
    // Read under the users' locks, which blocking takes as well.
    const blocks = room.kind === 'direct' ? await blocksBetween(tx, tenantId, userIds) : []
    const isBlocked = blocks.some((block) => block.blocked_id === creatorId)
    if (isBlocked && session.role !== 'service') throw new ChatError('BLOCKED')
    await tx
      .insertInto('rooms')
      .values({
        tenant_id: tenantId,
        id,
        kind: room.kind,
        name: room.name,
        description: room.description,
        is_private: room.isPrivate,
        created_by: creatorId,
        client_id: room.clientId ?? null,
        client_hash: room.clientHash ?? null,
        direct_low: low,
        direct_high: high,
        member_count: members.length,
        epoch_seed: randomUUID(),
        last_seq: 1 + members.length,
        seq: 1,
        changed_seq: 1,
        meta: room.meta,
      })
      .execute()
    await insertFirstMembers(
      tx,
      id,
      members.flatMap(({ id: userId, role }) => {
        const user = users.get(userId)
        const blockedAt = blocks.find((block) => block.blocked_id === userId)?.created_at ?? null
        return user ? { user, role, blockedAt } : []
      }),
    )
    if (room.kind !== 'direct') {
      const memberIds = userIds.slice(1)
      const named = { kind: room.kind, name: room.name, isPrivate: room.isPrivate, ownerId: creatorId }
      const detail = memberIds.length > 0 ? { ...named, memberIds } : named
      await recordAct(tx, session, { action: 'room.create', roomId: id, detail })
    }
    await bumpUsers(tx, tenantId, userIds)
  })
  for (const userId of userIds) bus.publish(userChannel(tenantId, userId), { type: 'user.changed' })
  return id
}

async function insertFirstMembers(
  tx: Tx,
  roomId: string,
  members: { user: UserRow; role: MemberRole; blockedAt: Date | null }[],
): Promise<void> {
  const joinedAt = new Date()
  await tx
    .insertInto('members')
    .values(
      members.map(({ user, role, blockedAt }, index) => ({
        tenant_id: user.tenant_id,
        room_id: roomId,
        user_id: user.id,
        user_name: user.name,
        user_picture_url: user.picture_url,
        role,
        blocked_at: blockedAt,
        joined_at: joinedAt,
        seq: index + 2,
        joined_seq: index + 2,
        changed_seq: index + 2,
        read_seq: members.length + 1,
      })),
    )
    .execute()
}
