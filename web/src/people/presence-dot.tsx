import { usePresence } from '../../../client/react/react-entry.ts'
import type { PresenceStatus } from '../../../shared/index.ts'

export const PRESENCE_WORDS: Record<PresenceStatus, string> = {
  online: 'Online',
  away: 'Away',
  busy: 'Busy',
  offline: 'Offline',
}

/** Whether somebody is there; whoever is not known to be is offline. With a room, as that room's members are told. */
export const usePresenceStatus = (userId: string, roomId?: string): PresenceStatus =>
  usePresence(userId, roomId)?.status ?? 'offline'

/** Whether somebody is there, and what they say about it: "Away · back at two". */
export function usePresenceWords(userId: string, roomId?: string): string {
  const presence = usePresence(userId, roomId)
  const status = PRESENCE_WORDS[presence?.status ?? 'offline']
  return presence?.text ? `${status} · ${presence.text}` : status
}

/** Whether somebody is there: colour and shape, since colour alone is not for everybody. */
export function PresenceDot({ userId, roomId }: { userId: string; roomId?: string }) {
  return <span className="presence-dot" data-status={usePresenceStatus(userId, roomId)} />
}
