import type { Member, RoomState } from '../../../shared/index.ts'
import { untilTime } from '../ui/times.ts'
import { useTimeLeft } from '../ui/use-time-left.ts'

/** How often the sentence is updated: it changes at the end of the day. */
const LOOK_AGAIN_MS = 60_000

/** Why this viewer can't write in the room now; empty if they can. No event announces the end of a mute. */
export function useClosed({ room }: RoomState, self: Member | undefined): string {
  const mutedUntil = self?.mutedUntil ?? null
  const isMuted = useTimeLeft(mutedUntil?.getTime() ?? 0, LOOK_AGAIN_MS) > 0
  if (room.archivedAt) return 'This room is archived. You can read it, but not change it.'
  if (room.frozenAt) return 'This room is read-only. Nobody can send messages.'
  if (!mutedUntil || !isMuted) return ''
  const until = untilTime(mutedUntil)
  return until ? `You’re muted until ${until}.` : 'You’re muted in this room.'
}
