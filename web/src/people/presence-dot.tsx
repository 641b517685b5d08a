import type { PresenceStatus } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { useSelected } from '../store/use-store.ts'

export const PRESENCE_WORDS: Record<PresenceStatus, string> = {
  online: 'Online',
  away: 'Away',
  busy: 'Busy',
  offline: 'Offline',
}

export function usePresence(userId: string): PresenceStatus {
  const { presence } = useSession()
  return useSelected(presence.known, (known) => known.get(userId)?.status ?? 'offline')
}

/** Whether somebody is there: colour and shape, since colour alone is not for everybody. */
export function PresenceDot({ userId }: { userId: string }) {
  return <span className="presence-dot" data-status={usePresence(userId)} />
}
