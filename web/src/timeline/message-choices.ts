import type { MenuChoice } from '../ui/menu.tsx'
import type { MessageActs, MessageRights } from './message-acts.ts'
import type { Entry } from './timeline-rows.ts'

export interface MessageActionsProps {
  entry: Entry
  isOwn: boolean
  /** Threads don't nest. */
  isInThread: boolean
  rights: MessageRights
  acts: MessageActs
}

/** The items of a message's menu: every action except reactions, because the bar has room for few buttons. */
export function messageChoices(props: MessageActionsProps): MenuChoice[] {
  const { entry, isOwn, isInThread, rights, acts } = props
  const { message } = entry
  const isPinned = message?.pinnedAt != null
  const choices: (MenuChoice | false)[] = [
    rights.write && { icon: 'reply', text: 'Reply', onChoose: () => acts.reply(entry) },
    !isInThread && { icon: 'thread', text: 'Reply in thread', onChoose: () => acts.openThread(entry) },
    isOwn &&
      rights.write &&
      !message?.forwardedFrom && { icon: 'pencil', text: 'Edit message', onChoose: () => acts.edit(entry) },
    rights.pin &&
      !isInThread && {
        icon: 'pin',
        text: isPinned ? 'Unpin message' : 'Pin message',
        onChoose: () => acts.pin(entry, !isPinned),
      },
    { icon: 'copy', text: 'Copy text', onChoose: () => acts.copy(entry) },
    { icon: 'link', text: 'Copy link', onChoose: () => acts.copyLink(entry) },
    { icon: 'forward', text: 'Forward…', onChoose: () => acts.forward(entry) },
    !isInThread && { icon: 'eye', text: 'Seen by…', onChoose: () => acts.showReaders(entry) },
    !isOwn && !isInThread && { icon: 'envelope', text: 'Mark as unread', onChoose: () => acts.markUnread(entry) },
    { icon: 'hide', text: 'Hide for me', onChoose: () => acts.hide(entry) },
    !isOwn && { icon: 'flag', text: 'Report…', onChoose: () => acts.report(entry) },
    (isOwn || rights.deleteAny) && {
      icon: 'bin',
      text: 'Delete message',
      isDanger: true,
      onChoose: () => acts.remove(entry),
    },
  ]
  return choices.filter((choice) => choice !== false)
}
