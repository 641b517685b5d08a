/** A change of a text: replaces a stretch, then selects something. */
export interface TextChange {
  from: number
  to: number
  insert: string
  /** Positions in the text after the change. */
  select: readonly [from: number, to: number]
}

/**
 * Changes a field as if the text were typed: the browser can undo it, and the field's own listeners are called. Browsers offer
 * no other way that keeps the undo history, although the standard has long declared this one obsolete.
 */
export function changeText(field: HTMLTextAreaElement, { from, to, insert, select }: TextChange) {
  field.focus()
  field.setSelectionRange(from, to)
  const isDone =
    insert === '' && from === to ? true : document.execCommand(insert === '' ? 'delete' : 'insertText', false, insert)
  if (!isDone) {
    field.setRangeText(insert, from, to, 'end')
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  }
  field.setSelectionRange(...select)
}

/** Inserts a text at the caret, replacing the selection. */
export function insertText(field: HTMLTextAreaElement, text: string) {
  const { selectionStart: from, selectionEnd: to } = field
  changeText(field, { from, to, insert: text, select: [from + text.length, from + text.length] })
}
