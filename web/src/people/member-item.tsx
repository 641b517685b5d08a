import type { Member, MemberRole } from '../../../shared/index.ts'
import { outranks } from '../../../shared/permissions.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu, type MenuChoice } from '../ui/menu.tsx'
import { may, rolesToGive } from './member-rights.ts'
import { PRESENCE_WORDS, PresenceDot, usePresence } from './presence-dot.tsx'

interface MemberItemProps {
  member: Member
  /** The viewer's own role here. */
  viewerRole: MemberRole | undefined
  /** Asks before what can't be taken back. */
  onAsk: (act: 'remove' | 'hand-over', member: Member) => void
}

/** One member: who, which role, whether there; and what the viewer may do about it. */
export function MemberItem({ member, viewerRole, onAsk }: MemberItemProps) {
  const { client, toasts, viewer } = useSession()
  const { roomId, userId, user, role } = member
  const status = usePresence(userId)
  const isViewer = userId === viewer.id

  const setRole = (next: MemberRole) =>
    void client.member.setRole.mutate({ roomId, userId, role: next }).catch((error: unknown) => toasts.fault(error))

  const choices: MenuChoice[] = []
  if (!isViewer && viewerRole && outranks(viewerRole, role)) {
    if (may(viewerRole, 'member.setRole')) {
      for (const next of rolesToGive(viewerRole, role))
        choices.push({ text: `Make ${next}`, onChoose: () => setRole(next) })
    }
    if (viewerRole === 'owner') choices.push({ text: 'Hand the room over', onChoose: () => onAsk('hand-over', member) })
    if (may(viewerRole, 'member.remove')) {
      choices.push({ text: 'Remove from room', isDanger: true, onChoose: () => onAsk('remove', member) })
    }
  }

  return (
    <li className="member">
      <Avatar id={userId} name={user.name} pictureUrl={user.pictureUrl} size={34}>
        <PresenceDot userId={userId} />
      </Avatar>
      <span className="member-text">
        <span className="member-name">
          <bdi>{user.name}</bdi>
          {isViewer && <span className="member-you"> you</span>}
        </span>
        <span className="member-status">{PRESENCE_WORDS[status]}</span>
      </span>
      {role !== 'member' && <span className="role">{role}</span>}
      {choices.length > 0 && (
        <Menu label={`Actions for ${user.name}`} choices={choices} className="icon-button icon-button-small">
          <Icon name="more" size={18} />
        </Menu>
      )}
    </li>
  )
}
