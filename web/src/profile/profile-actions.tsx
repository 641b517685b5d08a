import type { UserSummary } from '../../../shared/index.ts'
import { useBlockList } from '../people/block-list.ts'
import { useOpenDirect } from '../people/use-open-direct.ts'
import { FaultLine } from '../ui/fault-line.tsx'
import { useAttempt } from '../ui/use-attempt.ts'

interface ProfileActionsProps {
  user: UserSummary
  isViewer: boolean
  onEdit: () => void
  onClose: () => void
}

/** The viewer's actions in a profile. */
export function ProfileActions({ user, isViewer, onEdit, onClose }: ProfileActionsProps) {
  const openDirect = useOpenDirect()
  const { ids, isLoading, setBlocked } = useBlockList()
  const { fault, attempt } = useAttempt()
  const isBlocked = ids.has(user.id)

  const message = async () => {
    if (await attempt(() => openDirect(user.id))) onClose()
  }
  const edit = () => {
    onClose()
    onEdit()
  }

  if (isViewer) {
    return (
      <footer className="profile-foot">
        <button type="button" className="button" data-first-focus onClick={edit}>
          Edit profile
        </button>
      </footer>
    )
  }
  return (
    <>
      <footer className="profile-foot">
        <button type="button" className="button button-primary" data-first-focus onClick={() => void message()}>
          Message
        </button>
        <button
          type="button"
          className="button"
          disabled={isLoading}
          onClick={() => void attempt(() => setBlocked(user, !isBlocked))}
        >
          {isBlocked ? 'Unblock' : 'Block'}
        </button>
      </footer>
      <FaultLine fault={fault} />
    </>
  )
}
