import { useState } from 'react'
import type { MemberRole, RoomState } from '../../../shared/index.ts'
import { Icon } from '../ui/icons.tsx'
import { ModerationDialog } from './moderation-dialog.tsx'
import { useOpenReports } from './use-open-reports.ts'

/** The way to open reports, shown to moderators while there are any. */
export function ReportsButton({ state, viewerRole }: { state: RoomState; viewerRole: MemberRole | undefined }) {
  const { badge, words } = useOpenReports(state.room, viewerRole)
  const [isOpen, setOpen] = useState(false)
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
      {isOpen && <ModerationDialog state={state} viewerRole={viewerRole} onClose={() => setOpen(false)} />}
    </>
  )
}
