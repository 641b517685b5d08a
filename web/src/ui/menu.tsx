import { type KeyboardEvent, type ReactNode, useEffect } from 'react'
import { Icon, type IconName } from './icons.tsx'
import { Popup } from './popup.tsx'
import { usePopup } from './use-popup.ts'

export interface MenuChoice {
  icon?: IconName
  text: string
  isDanger?: boolean
  onChoose: () => void
}

interface MenuProps {
  /** The menu's name, read out. */
  label: string
  choices: readonly MenuChoice[]
  /** The content of the button. */
  children: ReactNode
  className?: string
  tabIndex?: number
}

/** A button that opens a short menu: arrow keys move, Enter chooses, Escape closes. */
export function Menu({ label, choices, children, className = 'icon-button', tabIndex }: MenuProps) {
  const popup = usePopup()
  const { form, root, button, close, leave } = popup
  const isOpen = form !== undefined

  useEffect(() => {
    if (isOpen) focusMenuItem(root.current, 0)
  }, [isOpen, root])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close()
    else if (event.key === 'Tab') return leave()
    else if (!moveInMenu(root.current, event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="menu-root" ref={root}>
      <button
        {...button}
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        tabIndex={tabIndex}
      >
        {children}
      </button>
      <Popup popup={popup} role="menu" label={label} onKeyDown={onKeyDown}>
        <MenuItems choices={choices} onChosen={close} />
      </Popup>
    </div>
  )
}

/** The items of a menu. */
export const MenuItems = ({ choices, onChosen }: { choices: readonly MenuChoice[]; onChosen: () => void }) =>
  choices.map(({ icon, text, isDanger, onChoose }) => (
    <button
      key={text}
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={isDanger ? 'menu-item menu-item-danger' : 'menu-item'}
      onClick={() => {
        onChosen()
        onChoose()
      }}
    >
      {icon && <Icon name={icon} size={18} />}
      <span>{text}</span>
    </button>
  ))

const itemsOf = (root: HTMLElement | null) => [...(root?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])]

export function focusMenuItem(root: HTMLElement | null, index: number) {
  const items = itemsOf(root)
  items[(index + items.length) % items.length]?.focus()
}

/** Moves the focus within the menu; true if the key was used. */
export function moveInMenu(root: HTMLElement | null, key: string): boolean {
  const current = itemsOf(root).findIndex((item) => item.matches(':focus'))
  const target = { ArrowDown: current + 1, ArrowUp: Math.max(current, 0) - 1, Home: 0, End: -1 }[key]
  if (target === undefined) return false
  focusMenuItem(root, target)
  return true
}
