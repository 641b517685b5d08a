import { formatPosition } from '../../shared/position.ts'
import type { Room } from '../../shared/room.ts'
import type { RoomRow } from '../db/schema.ts'

export const toRoom = (row: RoomRow, epoch: string): Room => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  description: row.description,
  isPrivate: row.is_private,
  createdBy: row.created_by,
  memberCount: row.member_count,
  position: formatPosition(epoch, row.last_seq),
  lastSeq: row.last_seq,
  lastOrdinal: row.last_ordinal,
  historyFromSeq: row.history_from_seq,
  historyVisibility: row.history_visibility,
  isLarge: row.is_large,
  slowModeSeconds: row.slow_mode_seconds,
  frozenAt: row.frozen_at,
  archivedAt: row.archived_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  seq: row.seq,
  changedSeq: row.changed_seq,
  meta: row.meta,
})
