import { usePresence, useStore } from '../../../client/react/react-entry.ts'
import type { Presence, PresenceStatus } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'

const PRESENCE_WORDS: Record<PresenceStatus, string> = {
  online: 'Online',
  away: 'Away',
  busy: 'Busy',
  offline: 'Offline',
}

/** Whether somebody is there, undefined where nobody can say. With a room, as that room's members are told. */
function useKnownPresence(userId: string, roomId?: string): Pick<Presence, 'status' | 'text'> | undefined {
  const presence = usePresence(userId, roomId)
  const isAway = useStore(useSession().isAway)
  return isAway ? undefined : (presence ?? { status: 'offline', text: null })
}

/** Whether somebody is there, and what they say about it: "Away · back at two". Nothing while the server is away. */
export function usePresenceWords(userId: string, roomId?: string): string {
  const presence = useKnownPresence(userId, roomId)
  if (!presence) return ''
  const status = PRESENCE_WORDS[presence.status]
  return presence.text ? `${status} · ${presence.text}` : status
}

/** Whether somebody is there: colour and shape, since colour alone is not for everybody. */
export function PresenceDot({ userId, roomId }: { userId: string; roomId?: string }) {
  return <span className="presence-dot" data-status={useKnownPresence(userId, roomId)?.status ?? 'offline'} />
}
