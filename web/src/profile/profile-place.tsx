import { useCallback } from 'react'
import { useStore } from '../../../client/react/react-entry.ts'
import { Later } from '../later/later.tsx'
import { useSession } from '../session/session-context.ts'

/** Shows the profile of the person whose name or picture was pressed. */
export function ProfilePlace({ onEdit }: { onEdit: () => void }) {
  const { profile } = useSession()
  const shown = useStore(profile)
  const close = useCallback(() => profile.set(undefined), [profile])
  return (
    shown && (
      <Later onFail={close}>
        {({ ProfileCard }) => <ProfileCard key={shown.user.id} {...shown} onEdit={onEdit} onClose={close} />}
      </Later>
    )
  )
}
