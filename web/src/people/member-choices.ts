import type { Member, MemberRole } from '../../../shared/index.ts'
import { outranks } from '../../../shared/permissions.ts'
import type { MenuChoice } from '../ui/menu.tsx'
import { may, rolesToGive } from './member-rights.ts'

/** Actions that ask for confirmation first. */
export type AskedAct = 'hand-over' | 'mute' | 'remove' | 'ban'

/** Actions that run at once, because they are easily undone. */
export type EasyAct = { act: 'role'; role: MemberRole } | { act: 'unmute' } | { act: 'block'; isBlocked: boolean }

interface Situation {
  member: Member
  /** The viewer's own role here; undefined in a direct conversation, which has no ranks. */
  viewerRole: MemberRole | undefined
  isBlocked: boolean
  onAsk: (act: AskedAct) => void
  onDo: (act: EasyAct) => void
}

export const isMuted = ({ mutedUntil }: Member): boolean => mutedUntil !== null && mutedUntil.getTime() > Date.now()

/** The viewer's actions on another member, without those that the server would refuse. */
export function memberChoices({ member, viewerRole, isBlocked, onAsk, onDo }: Situation): MenuChoice[] {
  const choices: MenuChoice[] = []
  if (viewerRole && outranks(viewerRole, member.role)) {
    if (may(viewerRole, 'member.setRole')) {
      for (const role of rolesToGive(viewerRole, member.role))
        choices.push({ icon: 'person', text: `Make ${role}`, onChoose: () => onDo({ act: 'role', role }) })
    }
    if (viewerRole === 'owner')
      choices.push({ icon: 'leave', text: 'Transfer ownership', onChoose: () => onAsk('hand-over') })
    if (may(viewerRole, 'member.mute')) {
      choices.push(
        isMuted(member)
          ? { icon: 'chat', text: 'Unmute', onChoose: () => onDo({ act: 'unmute' }) }
          : { icon: 'mute', text: 'Mute…', onChoose: () => onAsk('mute') },
      )
    }
    if (may(viewerRole, 'member.remove'))
      choices.push({ icon: 'close', text: 'Remove from room…', isDanger: true, onChoose: () => onAsk('remove') })
    if (may(viewerRole, 'member.ban'))
      choices.push({ icon: 'shield', text: 'Ban from room…', isDanger: true, onChoose: () => onAsk('ban') })
  }
  choices.push({
    icon: 'block',
    text: isBlocked ? 'Unblock' : 'Block',
    isDanger: !isBlocked,
    onChoose: () => onDo({ act: 'block', isBlocked: !isBlocked }),
  })
  return choices
}
