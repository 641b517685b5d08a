import { useViewer } from '../../../client/react/react-entry.ts'
import type { UserSummary } from '../../../shared/index.ts'
import { useOpenDirect } from '../people/use-open-direct.ts'
import { UserPicker } from '../people/user-picker.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { FaultLine } from '../ui/fault-line.tsx'
import { useAttempt } from '../ui/use-attempt.ts'

/** Finds a user and opens the direct conversation with them. */
export function NewDirectDialog({ onClose }: { onClose: () => void }) {
  const viewer = useViewer()
  const openDirect = useOpenDirect()
  const { fault, attempt } = useAttempt()

  const open = async ({ id }: UserSummary) => {
    if (await attempt(() => openDirect(id))) onClose()
  }

  return (
    <Dialog title="New message" onClose={onClose}>
      <div className="dialog-scroll">
        <UserPicker
          label="Person"
          leaveOut={new Set([viewer.id])}
          picked={[]}
          onToggle={(user) => void open(user)}
          hasFirstFocus
        />
      </div>
      <FaultLine fault={fault} />
    </Dialog>
  )
}
