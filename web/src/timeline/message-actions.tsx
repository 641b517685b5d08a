import { EmojiPicker } from '../ui/emoji-picker.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu, type MenuChoice } from '../ui/menu.tsx'
import type { MessageActs, MessageRights } from './message-acts.ts'
import type { Entry } from './timeline-rows.ts'

interface MessageActionsProps {
  entry: Entry
  isOwn: boolean
  /** In a thread there are no threads. */
  isInThread: boolean
  rights: MessageRights
  acts: MessageActs
  /** Only one row's buttons are reached by Tab. */
  isReachable: boolean
}

/** The bar over a message that the pointer or the focus is on. */
export function MessageActions({ entry, isOwn, isInThread, rights, acts, isReachable }: MessageActionsProps) {
  const tabIndex = isReachable ? 0 : -1
  const common = { size: 18, tabIndex }
  return (
    <div className="message-actions" role="toolbar" aria-label="Message actions">
      {rights.write && (
        <>
          <EmojiPicker label="Add reaction" tabIndex={tabIndex} onPick={(emoji) => acts.react(entry, emoji, true)} />
          <IconButton icon="reply" label="Reply" {...common} onClick={() => acts.reply(entry)} />
        </>
      )}
      {!isInThread && (
        <IconButton icon="thread" label="Reply in thread" {...common} onClick={() => acts.openThread(entry)} />
      )}
      <Menu label="More actions" tabIndex={tabIndex} choices={choicesOf({ entry, isOwn, isInThread, rights, acts })}>
        <Icon name="more" size={18} />
      </Menu>
    </div>
  )
}

function choicesOf(props: Omit<MessageActionsProps, 'isReachable'>): MenuChoice[] {
  const { entry, isOwn, isInThread, rights, acts } = props
  const { message } = entry
  const isPinned = message?.pinnedAt != null
  const choices: (MenuChoice | false)[] = [
    isOwn &&
      rights.write &&
      !message?.forwardedFrom && { icon: 'pencil', text: 'Edit message', onChoose: () => acts.edit(entry) },
    rights.pin &&
      !isInThread && {
        icon: 'pin',
        text: isPinned ? 'Unpin message' : 'Pin message',
        onChoose: () => acts.pin(entry, !isPinned),
      },
    { icon: 'forward', text: 'Forward…', onChoose: () => acts.forward(entry) },
    !isInThread && { icon: 'eye', text: 'Seen by…', onChoose: () => acts.showReaders(entry) },
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
