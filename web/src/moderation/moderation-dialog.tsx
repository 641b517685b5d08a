import type { MemberRole, RoomState } from '../../../shared/index.ts'
import { may } from '../people/member-rights.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { AuditLog } from './audit-log.tsx'
import { BannedPeople } from './banned-people.tsx'
import { ReportQueue } from './report-queue.tsx'
import { WordFilterForm } from './word-filter-form.tsx'

interface ModerationDialogProps {
  state: RoomState
  viewerRole: MemberRole | undefined
  onClose: () => void
}

/** The moderation tools of a room. Each tab needs its own right. */
export function ModerationDialog({ state, viewerRole, onClose }: ModerationDialogProps) {
  const roomId = state.room.id
  const reports = { name: 'Reports', content: <ReportQueue state={state} viewerRole={viewerRole} /> }
  const others = [
    { right: 'member.ban', name: 'Banned', content: <BannedPeople roomId={roomId} /> },
    { right: 'wordFilter.update', name: 'Word filter', content: <WordFilterForm roomId={roomId} /> },
    { right: 'audit.list', name: 'Audit log', content: <AuditLog roomId={roomId} /> },
  ] as const
  return (
    <Dialog title="Moderation" size="large" onClose={onClose}>
      <Tabs label="Moderation" tabs={[reports, ...others.filter(({ right }) => may(viewerRole, right))]} />
    </Dialog>
  )
}
