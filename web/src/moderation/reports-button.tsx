import { useState } from 'react'
import type { MemberRole, RoomState } from '../../../shared/index.ts'
import { Later } from '../later/later.tsx'
import { Icon } from '../ui/icons.tsx'
import { useOpenReports } from './use-open-reports.ts'

/** Opens the reports. Shown to moderators while there are open ones. */
export function ReportsButton({ state, viewerRole }: { state: RoomState; viewerRole: MemberRole | undefined }) {
  const { badge, words } = useOpenReports(state.room, viewerRole)
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <>
      <output className="for-readers">{words}</output>
      {(badge || isOpen) && (
        <button
          type="button"
          className="icon-button reports-button"
          aria-label={words || 'No open reports'}
          title={words || 'No open reports'}
          onClick={() => setOpen(true)}
        >
          <Icon name="shield" />
          {badge && <span className="badge badge-alert">{badge}</span>}
        </button>
      )}
      {isOpen && (
        <Later onFail={close}>
          {({ ModerationDialog }) => <ModerationDialog state={state} viewerRole={viewerRole} onClose={close} />}
        </Later>
      )}
    </>
  )
}
