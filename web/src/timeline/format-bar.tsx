import type { KeyboardEvent } from 'react'
import { IconButton } from '../ui/icon-button.tsx'
import { FORMATS, type Format } from './format-keys.ts'

/** Buttons that format the selection, if the field is wide enough. Tab reaches the first, arrow keys the others. */
export function FormatBar({ onChoose }: { onChoose: (format: Format) => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const buttons = [...event.currentTarget.querySelectorAll('button')]
    const next = buttons.findIndex((button) => button === document.activeElement) + step
    buttons.at(next % buttons.length)?.focus()
  }

  return (
    <div className="format-bar" role="toolbar" aria-label="Formatting" tabIndex={-1} onKeyDown={onKeyDown}>
      {FORMATS.map((format, index) => (
        <IconButton
          key={format.name}
          className="icon-button-small"
          icon={format.icon}
          size={16}
          label={format.name}
          tabIndex={index === 0 ? 0 : -1}
          // The field keeps its selection, and on a touch screen its keyboard.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(format)}
        />
      ))}
    </div>
  )
}
