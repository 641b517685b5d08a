import { AnchoredPopup } from './anchored-popup.tsx'
import { type MenuChoice, MenuItems, moveInMenu } from './menu.tsx'
import type { Anchor } from './use-popup.ts'

interface ContextMenuProps {
  label: string
  anchor: Anchor
  choices: readonly MenuChoice[]
  onClose: () => void
}

/** The menu of an element after a right click or a long press: arrow keys move, Enter chooses, Escape closes. */
export function ContextMenu({ label, anchor, choices, onClose }: ContextMenuProps) {
  return (
    <AnchoredPopup anchor={anchor} label={label} role="menu" onClose={onClose} onKey={moveInMenu}>
      <MenuItems choices={choices} onChosen={onClose} />
    </AnchoredPopup>
  )
}

/** A point on the screen that a popup can be anchored to. */
export const pointAnchor = (x: number, y: number): Anchor => ({ getBoundingClientRect: () => new DOMRect(x, y, 0, 0) })
