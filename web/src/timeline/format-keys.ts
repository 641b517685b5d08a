import type { IconName } from '../ui/icons.tsx'
import { type Mark, toggleLink, toggleMark } from './markdown-marks.ts'
import { changeText } from './text-change.ts'

export interface Format {
  name: string
  icon: IconName
  /** With Ctrl or Command. */
  key: string
  hasShift: boolean
  /** The marks around the text; a link has more. */
  mark: Mark | undefined
}

export const FORMATS: readonly Format[] = [
  { name: 'Bold', icon: 'bold', key: 'b', hasShift: false, mark: '**' },
  { name: 'Italic', icon: 'italic', key: 'i', hasShift: false, mark: '*' },
  { name: 'Strikethrough', icon: 'strike', key: 'x', hasShift: true, mark: '~~' },
  { name: 'Code', icon: 'code', key: 'e', hasShift: false, mark: '`' },
  { name: 'Link', icon: 'link', key: 'k', hasShift: true, mark: undefined },
]

interface PressedKey {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  altKey: boolean
}

/** The format of a key. */
export function formatOfKey({ key, ctrlKey, metaKey, shiftKey, altKey }: PressedKey): Format | undefined {
  if (!(ctrlKey || metaKey) || altKey) return undefined
  return FORMATS.find((format) => format.key === key.toLowerCase() && format.hasShift === shiftKey)
}

/** Adds a format to the selection in a field, or removes it. */
export function applyFormat(field: HTMLTextAreaElement, { mark }: Format) {
  const selected = { text: field.value, from: field.selectionStart, to: field.selectionEnd }
  changeText(field, mark ? toggleMark(selected, mark) : toggleLink(selected))
}
