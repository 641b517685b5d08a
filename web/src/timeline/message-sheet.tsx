import { type KeyboardEvent, useRef, useState } from 'react'
import { COMMON_EMOJI, usualEmojis } from '../emoji/common-emoji.ts'
import { EmojiBoard } from '../emoji/emoji-board.tsx'
import { EmojiGrid, moveInEmojis } from '../emoji/emoji-grid.tsx'
import { useSession } from '../session/session-context.ts'
import { Icon } from '../ui/icons.tsx'
import { MenuItems, moveInMenu } from '../ui/menu.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { type MessageActionsProps, messageChoices } from './message-choices.ts'

type MessageSheetProps = MessageActionsProps & { onClose: () => void }

/** Reactions in one row, with a button for all others. */
const QUICK = 6

/** The actions on a message for touch screens, after a long press. */
export function MessageSheet({ onClose, ...props }: MessageSheetProps) {
  const { entry, rights, acts } = props
  const { recentEmoji } = useSession()
  const [showsAll, setShowsAll] = useState(false)
  const [quick] = useState(() => usualEmojis(recentEmoji.list.get(), QUICK))
  const root = useRef<HTMLDivElement>(null)

  const react = (emoji: string) => {
    onClose()
    acts.react(entry, emoji, true)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (moveInEmojis(root.current, event.key) || moveInMenu(root.current, event.key)) event.preventDefault()
  }

  return (
    <Sheet label="Message actions" onClose={onClose}>
      {showsAll ? (
        <EmojiBoard onPick={react} />
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus between what is inside
        <div ref={root} onKeyDown={onKeyDown}>
          {rights.write && (
            <div className="quick-emojis">
              <EmojiGrid
                emojis={quick.map((emoji) => ({ emoji, name: COMMON_EMOJI.get(emoji) ?? '' }))}
                isReachable
                onPick={(emoji) => {
                  recentEmoji.add(emoji)
                  react(emoji)
                }}
              />
              <button type="button" className="icon-button" aria-label="More emoji" onClick={() => setShowsAll(true)}>
                <Icon name="plus" />
              </button>
            </div>
          )}
          <div role="menu" aria-label="Message actions" className="sheet-choices">
            <MenuItems choices={messageChoices(props)} onChosen={onClose} />
          </div>
        </div>
      )}
    </Sheet>
  )
}
