import { useCallback } from 'react'
import { useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import { onDemand } from '../ui/on-demand.tsx'

const ProfileCard = onDemand(async () => (await import('./profile-card.tsx')).ProfileCard)

/** Shows the profile of whoever was pressed. */
export function ProfilePlace({ onEdit }: { onEdit: () => void }) {
  const { profile } = useSession()
  const shown = useStore(profile)
  const close = useCallback(() => profile.set(undefined), [profile])
  return shown && <ProfileCard key={shown.user.id} {...shown} onEdit={onEdit} onClose={close} />
}
