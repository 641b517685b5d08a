import { type KeyboardEvent, useRef } from 'react'
import { EmojiGrid, moveInEmojis } from '../ui/emoji-grid.tsx'
import { MenuItems, moveInMenu } from '../ui/menu.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { type MessageActionsProps, messageChoices } from './message-choices.ts'

type MessageSheetProps = MessageActionsProps & { onClose: () => void }

/** On a touch screen: what can be done with a message that a finger rests on. */
export function MessageSheet({ onClose, ...props }: MessageSheetProps) {
  const { entry, rights, acts } = props
  const root = useRef<HTMLDivElement>(null)

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (moveInEmojis(root.current, event.key) || moveInMenu(root.current, event.key)) event.preventDefault()
  }

  return (
    <Sheet label="Message actions" onClose={onClose}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus between what is inside */}
      <div ref={root} onKeyDown={onKeyDown}>
        {rights.write && (
          <EmojiGrid
            onPick={(emoji) => {
              onClose()
              acts.react(entry, emoji, true)
            }}
          />
        )}
        <div role="menu" aria-label="Message actions" className="sheet-choices">
          <MenuItems choices={messageChoices(props)} onChosen={onClose} />
        </div>
      </div>
    </Sheet>
  )
}
