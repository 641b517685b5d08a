import { randomBytes } from 'node:crypto'
import type { Invite } from '../../shared/invite.ts'
import type { Page, RoomPaging } from '../../shared/page.ts'
import { assertMay, readAccess } from '../access/access.ts'
import { recordAct } from '../audit/audit-write.ts'
import type { InviteRow } from '../db/schema.ts'
import { readSnapshot } from '../db/transaction.ts'
import { uuidv7 } from '../db/uuid.ts'
import { ChatError, invalidInput } from '../errors/chat-error.ts'
import { changeRoomAs } from '../log/authorized-change.ts'
import type { RoomChangeServices } from '../log/room-change.ts'
import type { Services, Session } from '../rpc/context.ts'
import { openPage } from '../rpc/keyset-page.ts'
import { revoke } from './invite-end.ts'

/** 128 bits, as RFC 6749 (section 10.10) requires of values that must not be guessable. */
const CODE_BYTES = 16

interface CreateInput {
  roomId: string
  expiresAt?: Date | undefined
  maxUses?: number | undefined
}

/** Creates an invite to a room. @throws ChatError FORBIDDEN, DIRECT_ROOM, ROOM_ARCHIVED, INVALID_INPUT for a time in the past */
export function createInvite(services: RoomChangeServices, session: Session, input: CreateInput): Promise<Invite> {
  const { roomId, expiresAt, maxUses } = input
  if (expiresAt && expiresAt.getTime() <= Date.now()) throw invalidInput('expiresAt', 'must be in the future')
  return changeRoomAs(services, session, { roomId, permission: 'invite.create' }, async ({ change }) => {
    if (change.room.archived_at) throw new ChatError('ROOM_ARCHIVED')
    const row = await change.tx
      .insertInto('invites')
      .values({
        tenant_id: session.tenantId,
        room_id: roomId,
        id: uuidv7(),
        code: randomBytes(CODE_BYTES).toString('base64url'),
        created_by: session.userId,
        expires_at: expiresAt ?? null,
        max_uses: maxUses ?? null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const detail = { inviteId: row.id, expiresAt, maxUses }
    await recordAct(change.tx, session, { action: 'invite.create', roomId, detail })
    return toInvite(row)
  })
}

/** Revokes an invite: its code is invalid from then on. Repeating it changes nothing. */
export function revokeInvite(
  services: RoomChangeServices,
  session: Session,
  { roomId, inviteId }: { roomId: string; inviteId: string },
): Promise<Invite> {
  return changeRoomAs(services, session, { roomId, permission: 'invite.revoke' }, async ({ change: { tx } }) => {
    const row = await tx
      .selectFrom('invites')
      .selectAll()
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
      .where('id', '=', inviteId)
      .executeTakeFirst()
    if (!row) throw new ChatError('NOT_FOUND')
    // Invites only change under the room's lock.
    const [revoked = row] = row.revoked_at ? [] : await revoke(tx, session, [row])
    return toInvite(revoked)
  })
}

/** All invites to the room, including expired, used-up and revoked ones, latest first. */
export async function listInvites(
  { database, cursors }: Pick<Services, 'database' | 'cursors'>,
  session: Session,
  { roomId, ...paging }: RoomPaging,
): Promise<Page<Invite>> {
  const page = await openPage(cursors, { scope: `invite.list/${roomId}`, kinds: ['uuid'] }, paging)
  return readSnapshot(database.db, async (tx) => {
    assertMay(await readAccess(tx, session, roomId), 'invite.list')
    const invites = tx
      .selectFrom('invites')
      .selectAll()
      .where('tenant_id', '=', session.tenantId)
      .where('room_id', '=', roomId)
    const rows = await page.select(invites, ['id'], 'desc').execute()
    return page.of(rows, { key: (row) => [row.id], item: toInvite })
  })
}

const toInvite = (row: InviteRow): Invite => ({
  id: row.id,
  code: row.code,
  roomId: row.room_id,
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  maxUses: row.max_uses,
  uses: row.uses,
  revokedAt: row.revoked_at,
})
