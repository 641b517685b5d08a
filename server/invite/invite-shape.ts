import type { Invite } from '../../shared/invite.ts'
import type { InviteRow } from '../db/database.ts'

export const toInvite = (row: InviteRow): Invite => ({
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
