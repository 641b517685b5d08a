import type { Member } from '../../shared/member.ts'
import type { MemberRow } from '../db/schema.ts'

export const toMember = (row: MemberRow): Member => ({
  roomId: row.room_id,
  userId: row.user_id,
  user: { id: row.user_id, name: row.user_name, pictureUrl: row.user_picture_url },
  role: row.role,
  joinedAt: row.joined_at,
  leftAt: row.left_at,
  mutedUntil: row.muted_until,
  seq: row.seq,
  joinedSeq: row.joined_seq,
  changedSeq: row.changed_seq,
})
