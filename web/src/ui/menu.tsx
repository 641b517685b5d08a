import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { Icon, type IconName } from './icons.tsx'
import { usePopup } from './use-popup.ts'

export interface MenuChoice {
  icon?: IconName
  text: string
  isDanger?: boolean
  onChoose: () => void
}

interface MenuProps {
  /** What opens it, read out. */
  label: string
  choices: readonly MenuChoice[]
  /** What the button shows. */
  children: ReactNode
  className?: string
  tabIndex?: number
}

/** A button that opens a short list of choices: arrow keys move, Enter chooses, Escape closes. */
export function Menu({ label, choices, children, className = 'icon-button', tabIndex }: MenuProps) {
  const { side, root, id, button, close, leave } = usePopup()
  const isOpen = side !== undefined
  const list = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!isOpen) return
    focusItem(list.current, 0)
    // In a list that scrolls it would end at the list's edge.
    list.current?.scrollIntoView({ block: 'nearest' })
  }, [isOpen])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) focusItem(list.current, indexOfFocus(list.current) + step)
    else if (event.key === 'Home') focusItem(list.current, 0)
    else if (event.key === 'End') focusItem(list.current, -1)
    else if (event.key === 'Escape') close()
    else if (event.key === 'Tab') return leave()
    else return
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
      {isOpen && (
        <div
          ref={list}
          id={id}
          role="menu"
          tabIndex={-1}
          aria-label={label}
          className="menu"
          data-opens={side}
          onKeyDown={onKeyDown}
        >
          {choices.map(({ icon, text, isDanger, onChoose }) => (
            <button
              key={text}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={isDanger ? 'menu-item menu-item-danger' : 'menu-item'}
              onClick={() => {
                close()
                onChoose()
              }}
            >
              {icon && <Icon name={icon} size={18} />}
              <span>{text}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

const itemsOf = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])]

const indexOfFocus = (list: HTMLElement | null) => itemsOf(list).findIndex((item) => item.matches(':focus'))

function focusItem(list: HTMLElement | null, index: number) {
  const items = itemsOf(list)
  items[(index + items.length) % items.length]?.focus()
}
