import { LIMITS } from '../../shared/limits.ts'
import type { Position } from '../../shared/position.ts'
import type { ResetReason } from '../../shared/room-event.ts'
import type { Access } from '../access/access.ts'

/** Why a position can't be honoured, if it can't. */
export function positionRefusal(asked: Position, here: Position, { room, member }: Access): ResetReason | undefined {
  if (asked.epoch !== here.epoch || asked.seq > here.seq) return 'epoch'
  // Who left and came back may see more than before, or less: what was known before that is no basis.
  const isBeforeReturn = member !== null && member.joined_seq > member.seq && asked.seq < member.joined_seq
  if (asked.seq < room.min_seq || isBeforeReturn) return 'too-old'
  return here.seq - asked.seq > LIMITS.catchUp ? 'too-far' : undefined
}
