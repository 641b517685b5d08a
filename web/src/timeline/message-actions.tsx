import { EmojiPicker } from '../emoji/emoji-picker.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'
import { type MessageActionsProps, messageChoices } from './message-choices.ts'

/** The toolbar of the message under the pointer or the focus. Tab reaches the buttons of only one row. */
export function MessageActions({ isReachable, ...props }: MessageActionsProps & { isReachable: boolean }) {
  const { entry, isInThread, rights, acts } = props
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
      <Menu label="More actions" tabIndex={tabIndex} choices={messageChoices(props)}>
        <Icon name="more" size={18} />
      </Menu>
    </div>
  )
}
