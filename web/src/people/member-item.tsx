import { useChat } from '../../../client/react/react-entry.ts'
import type { Member, MemberRole } from '../../../shared/index.ts'
import { useSession } from '../session/session-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'
import { untilWords } from '../ui/terms.ts'
import { type AskedAct, type EasyAct, isMuted, memberChoices } from './member-choices.ts'
import { PersonButton } from './person-button.tsx'
import { PresenceDot, usePresenceWords } from './presence-dot.tsx'

interface MemberItemProps {
  member: Member
  /** The viewer's own role here. */
  viewerRole: MemberRole | undefined
  isBlocked: boolean
  /** Asks before an action that is not easily undone. */
  onAsk: (act: AskedAct, member: Member) => void
  onBlock: (member: Member, isBlocked: boolean) => void
}

/** One member: name, role, presence, and the viewer's actions. */
export function MemberItem({ member, viewerRole, isBlocked, onAsk, onBlock }: MemberItemProps) {
  const { client, viewer } = useChat()
  const { toasts } = useSession()
  const { roomId, userId, user, role } = member
  const words = usePresenceWords(userId, roomId)
  const isViewer = userId === viewer.id

  const onDo = (act: EasyAct) => {
    if (act.act === 'block') return onBlock(member, act.isBlocked)
    const done =
      act.act === 'role'
        ? client.member.setRole.mutate({ roomId, userId, role: act.role })
        : client.member.unmute.mutate({ roomId, userId })
    done.catch((error: unknown) => toasts.fault(error))
  }

  const choices = isViewer
    ? []
    : memberChoices({ member, viewerRole, isBlocked, onAsk: (act) => onAsk(act, member), onDo })

  return (
    <li className="member">
      <PersonButton user={user} isSecond>
        <Avatar id={userId} name={user.name} pictureUrl={user.pictureUrl} size={34}>
          <PresenceDot userId={userId} roomId={roomId} />
        </Avatar>
      </PersonButton>
      <span className="member-text">
        <span className="member-name">
          <PersonButton user={user} label={`${user.name}’s profile`}>
            <bdi>{user.name}</bdi>
          </PersonButton>
          {isViewer && <span className="member-you"> you</span>}
        </span>
        <span className="member-status">
          {role !== 'member' && (
            <>
              <span className="role">{role}</span>{' '}
            </>
          )}
          <bdi>{words}</bdi>
          {isMuted(member) && <span title={untilWords(member.mutedUntil)}> · muted</span>}
          {isBlocked && ' · blocked by you'}
        </span>
      </span>
      {choices.length > 0 && (
        <Menu label={`Actions for ${user.name}`} choices={choices} className="icon-button icon-button-small">
          <Icon name="more" size={18} />
        </Menu>
      )}
    </li>
  )
}
