import { useEffect, useRef, useState } from 'react'
import type { Member, MemberRole, RoomState } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { useEscape } from '../ui/use-escape.ts'
import { AddMembersDialog } from './add-members-dialog.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { MemberItem } from './member-item.tsx'
import { useMemberPages } from './member-pages.ts'
import { byRoleAndName, may } from './member-rights.ts'

interface MemberPanelProps {
  state: RoomState
  title: string
  viewerRole: MemberRole | undefined
  onClose: () => void
}

type Ask = { what: 'add' } | { what: 'leave' } | { what: 'remove' | 'hand-over'; member: Member }

/** About the open room: what it is for, who is in it, and the way out. */
export function MemberPanel({ state, title, viewerRole, onClose }: MemberPanelProps) {
  const { client } = useSession()
  const { members, loadMore } = useMemberPages(state)
  const [ask, setAsk] = useState<Ask>()
  const { room } = state
  const isDirect = room.kind === 'direct'
  const closeAsk = () => setAsk(undefined)
  const panel = useRef<HTMLElement>(null)

  useEffect(() => panel.current?.focus(), [])
  useEscape(onClose)

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
        {!isDirect && may(viewerRole, 'member.add') && (
          <button type="button" className="panel-action" onClick={() => setAsk({ what: 'add' })}>
            <Icon name="plus" size={18} />
            Add people
          </button>
        )}
        <ul className="members">
          {members.toSorted(byRoleAndName).map((member) => (
            <MemberItem
              key={member.userId}
              member={member}
              viewerRole={isDirect ? undefined : viewerRole}
              onAsk={(what, asked) => setAsk({ what, member: asked })}
            />
          ))}
        </ul>
        {loadMore && (
          <button type="button" className="button button-small" onClick={loadMore}>
            Show more
          </button>
        )}
      </div>
      {!isDirect && (
        <footer className="panel-foot">
          <button type="button" className="panel-action panel-action-danger" onClick={() => setAsk({ what: 'leave' })}>
            <Icon name="leave" size={18} />
            Leave room
          </button>
        </footer>
      )}
      {ask?.what === 'add' && <AddMembersDialog state={state} title={title} onClose={closeAsk} />}
      {ask?.what === 'leave' && <LeaveDialog roomId={room.id} title={title} onClose={closeAsk} />}
      {ask?.what === 'hand-over' && (
        <ConfirmDialog
          title={`Make ${ask.member.user.name} the owner?`}
          action="Hand over"
          onClose={closeAsk}
          onConfirm={() => client.member.setRole.mutate({ roomId: room.id, userId: ask.member.userId, role: 'owner' })}
        >
          <p>
            The room will belong to <bdi>{ask.member.user.name}</bdi>, and you stay as an admin. Only they can give it
            back.
          </p>
        </ConfirmDialog>
      )}
      {ask?.what === 'remove' && (
        <ConfirmDialog
          title={`Remove ${ask.member.user.name}?`}
          action="Remove"
          onClose={closeAsk}
          onConfirm={() => client.member.remove.mutate({ roomId: room.id, userId: ask.member.userId })}
        >
          <p>
            <bdi>{ask.member.user.name}</bdi> will no longer see this room. What they wrote stays.
          </p>
        </ConfirmDialog>
      )}
    </aside>
  )
}
