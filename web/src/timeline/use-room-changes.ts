import { useMemo, useSyncExternalStore } from 'react'
import type { RoomState } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { changesOf, type RoomChange } from './timeline-change.ts'

/** The changes of the room and its members that this window knows, in the order of the log. */
export function useRoomChanges(state: RoomState): readonly RoomChange[] {
  const { changes } = useSession()
  const seen = useSyncExternalStore(changes.subscribe, () => changes.of(state.room.id))
  return useMemo(() => changesOf(state, seen), [state, seen])
}
