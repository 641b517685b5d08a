import { usePresence, useStore } from '../../../client/react/react-entry.ts'
import type { Presence, PresenceStatus } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'

const PRESENCE_WORDS: Record<PresenceStatus, string> = {
  online: 'Online',
  away: 'Away',
  busy: 'Busy',
  offline: 'Offline',
}

/** A user's presence, or undefined if unknown. With a room, it comes from that room's stream. */
function useKnownPresence(userId: string, roomId?: string): Pick<Presence, 'status' | 'text'> | undefined {
  const presence = usePresence(userId, roomId)
  const isAway = useStore(useSession().isAway)
  return isAway ? undefined : (presence ?? { status: 'offline', text: null })
}

/** A user's presence and status message: "Away · back at two". Empty while the server is away. */
export function usePresenceWords(userId: string, roomId?: string): string {
  const presence = useKnownPresence(userId, roomId)
  if (!presence) return ''
  const status = PRESENCE_WORDS[presence.status]
  return presence.text ? `${status} · ${presence.text}` : status
}

/** A user's presence in colour and shape, because not everyone can tell the colours apart. */
export function PresenceDot({ userId, roomId }: { userId: string; roomId?: string }) {
  return <span className="presence-dot" data-status={useKnownPresence(userId, roomId)?.status ?? 'offline'} />
}
