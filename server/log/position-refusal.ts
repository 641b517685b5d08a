import { LIMITS } from '../../shared/limits.ts'
import type { Position } from '../../shared/position.ts'
import type { ResetReason } from '../../shared/room-event.ts'
import type { Access } from '../access/access.ts'

/** The reason why a position is refused; undefined if it is valid. */
export function positionRefusal(asked: Position, here: Position, { room, member }: Access): ResetReason | undefined {
  if (asked.epoch !== here.epoch || asked.seq > here.seq) return 'epoch'
  // A member who left and rejoined may see more or less than before, which invalidates a position from before the return.
  const isBeforeReturn = member !== null && member.joined_seq > member.seq && asked.seq < member.joined_seq
  if (asked.seq < room.min_seq || isBeforeReturn) return 'too-old'
  return here.seq - asked.seq > LIMITS.catchUp ? 'too-far' : undefined
}
