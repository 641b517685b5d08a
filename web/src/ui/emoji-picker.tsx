/* oxlint-disable jsx-a11y/prefer-tag-over-role -- a dialog element would count as an open dialog of the page */
import { type KeyboardEvent, useEffect } from 'react'
import { EmojiGrid, moveInEmojis } from './emoji-grid.tsx'
import { Icon } from './icons.tsx'
import { Popup } from './popup.tsx'
import { usePopup } from './use-popup.ts'

interface EmojiPickerProps {
  label: string
  tabIndex?: number
  className?: string
  onPick: (emoji: string) => void
}

/** A button that opens a few emoji and a field for any other one. */
export function EmojiPicker({ label, tabIndex, className = 'icon-button', onPick }: EmojiPickerProps) {
  const popup = usePopup()
  const { form, root, button, close } = popup
  const isOpen = form !== undefined

  useEffect(() => {
    if (isOpen) root.current?.querySelector<HTMLElement>('.emoji')?.focus()
  }, [isOpen, root])

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') close()
    else if (!moveInEmojis(root.current, event.key)) return
    event.preventDefault()
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
        <Icon name="smile" size={18} />
      </button>
      <Popup popup={popup} role="dialog" label={label} className="emoji-picker" onKeyDown={onKeyDown}>
        <EmojiGrid
          onPick={(emoji) => {
            close()
            onPick(emoji)
          }}
        />
      </Popup>
    </div>
  )
}
