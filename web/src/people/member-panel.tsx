import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Member, MemberRole, RoomState } from '../../../shared/index.ts'
import { InvitesDialog } from '../invites/invites-dialog.tsx'
import { ModerationDialog } from '../moderation/moderation-dialog.tsx'
import { type OpenReports, useOpenReports } from '../moderation/use-open-reports.ts'
import { RoomSettingsDialog } from '../rooms/room-settings-dialog.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { useEscape } from '../ui/use-escape.ts'
import { AddMembersDialog } from './add-members-dialog.tsx'
import { useBlockList } from './block-list.ts'
import { HandOverDialog } from './hand-over-dialog.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import type { AskedAct } from './member-choices.ts'
import { MemberItem } from './member-item.tsx'
import { useMemberPages } from './member-pages.ts'
import { byRoleAndName, may } from './member-rights.ts'
import { SanctionDialog } from './sanction-dialog.tsx'

interface MemberPanelProps {
  state: RoomState
  title: string
  viewerRole: MemberRole | undefined
  onClose: () => void
}

type RoomAct = 'add' | 'invite' | 'moderate' | 'settings' | 'leave'
type Ask = { what: RoomAct } | { what: AskedAct; member: Member }

/** About the open room: its description, its members, the viewer's actions, and leaving it. */
export function MemberPanel({ state, title, viewerRole, onClose }: MemberPanelProps) {
  const { members, loadMore } = useMemberPages(state)
  const { ids: blockedIds, setBlocked } = useBlockList()
  const [ask, setAsk] = useState<Ask>()
  const { room } = state
  const reports = useOpenReports(room, viewerRole)
  const isDirect = room.kind === 'direct'
  const panel = useRef<HTMLElement>(null)

  useEffect(() => panel.current?.focus(), [])
  useEscape(onClose)

  const canChange = !isDirect && room.archivedAt === null
  const act = (what: RoomAct, icon: IconName, text: string, badge?: ReactNode) => (
    <button type="button" className="panel-action" onClick={() => setAsk({ what })}>
      <Icon name={icon} size={18} />
      {text}
      {badge}
    </button>
  )

  return (
    <aside ref={panel} className="panel" id="member-panel" aria-label="About this room" tabIndex={-1}>
      <header className="panel-head">
        <h2>{isDirect ? 'People' : 'Members'}</h2>
        <span className="panel-count">{room.memberCount}</span>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <div className="panel-scroll">
        {room.description && (
          <p className="panel-says" dir="auto">
            {room.description}
          </p>
        )}
        {canChange && may(viewerRole, 'member.add') && act('add', 'plus', 'Add people')}
        {canChange && may(viewerRole, 'invite.create') && act('invite', 'link', 'Invite by link')}
        <ul className="members">
          {members.toSorted(byRoleAndName).map((member) => (
            <MemberItem
              key={member.userId}
              member={member}
              viewerRole={isDirect ? undefined : viewerRole}
              isBlocked={blockedIds.has(member.userId)}
              onAsk={(what, asked) => setAsk({ what, member: asked })}
              onBlock={({ user }, isBlocked) => void setBlocked(user, isBlocked)}
            />
          ))}
        </ul>
        {loadMore && (
          <button type="button" className="button button-small" onClick={loadMore}>
            Show more
          </button>
        )}
      </div>
      <footer className="panel-foot">
        {!isDirect &&
          may(viewerRole, 'report.resolve') &&
          act('moderate', 'shield', 'Moderation', <ReportsBadge {...reports} />)}
        {act('settings', 'sliders', isDirect ? 'Conversation settings' : 'Room settings')}
        {!isDirect && (
          <button type="button" className="panel-action panel-action-danger" onClick={() => setAsk({ what: 'leave' })}>
            <Icon name="leave" size={18} />
            Leave room
          </button>
        )}
      </footer>
      {ask && <Asked ask={ask} state={state} title={title} viewerRole={viewerRole} onClose={() => setAsk(undefined)} />}
    </aside>
  )
}

const ReportsBadge = ({ badge, words }: OpenReports) =>
  badge && (
    <span className="badge badge-alert">
      {badge}
      <span className="for-readers">{words.slice(badge.length)}</span>
    </span>
  )

function Asked({ ask, state, title, viewerRole, onClose }: MemberPanelProps & { ask: Ask }) {
  switch (ask.what) {
    case 'add':
      return <AddMembersDialog state={state} title={title} onClose={onClose} />
    case 'invite':
      return <InvitesDialog roomId={state.room.id} title={title} onClose={onClose} />
    case 'moderate':
      return <ModerationDialog state={state} viewerRole={viewerRole} onClose={onClose} />
    case 'settings':
      return <RoomSettingsDialog room={state.room} viewerRole={viewerRole} onClose={onClose} />
    case 'leave':
      return <LeaveDialog roomId={state.room.id} title={title} onClose={onClose} />
    case 'hand-over':
      return <HandOverDialog member={ask.member} onClose={onClose} />
    default:
      return <SanctionDialog what={ask.what} member={ask.member} onClose={onClose} />
  }
}
