/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a dialog element would count as an open dialog of the page */
import type { KeyboardEvent } from 'react'
import { Icon } from '../ui/icons.tsx'
import { Popup } from '../ui/popup.tsx'
import { usePopup } from '../ui/use-popup.ts'
import { EmojiBoard } from './emoji-board.tsx'

interface EmojiPickerProps {
  label: string
  tabIndex?: number
  className?: string
  size?: number
  onPick: (emoji: string) => void
}

/** A button that opens all emoji. */
export function EmojiPicker({ label, tabIndex, className = 'icon-button', size = 18, onPick }: EmojiPickerProps) {
  const popup = usePopup()
  const { root, button, close } = popup

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key !== 'Escape') return
    event.preventDefault()
    close()
  }

  return (
    <div className="menu-root" ref={root}>
      <button
        {...button}
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        tabIndex={tabIndex}
      >
        <Icon name="smile" size={size} />
      </button>
      <Popup popup={popup} role="dialog" label={label} className="emoji-picker" onKeyDown={onKeyDown}>
        <EmojiBoard
          onPick={(emoji) => {
            close()
            onPick(emoji)
          }}
        />
      </Popup>
    </div>
  )
}
