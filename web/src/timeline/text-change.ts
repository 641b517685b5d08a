/** What is to be changed in a text: a stretch of it gets another text, and then something is selected. */
export interface TextChange {
  from: number
  to: number
  insert: string
  /** In the text after the change. */
  select: readonly [from: number, to: number]
}

/**
 * Changes a field as if it were typed: the browser can undo it, and the field's own listeners hear of it. Browsers have no other way
 * that keeps what can be undone, although the standard has long called this one obsolete.
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

/** Puts a text where the caret is, in place of what is selected. */
export function insertText(field: HTMLTextAreaElement, text: string) {
  const { selectionStart: from, selectionEnd: to } = field
  changeText(field, { from, to, insert: text, select: [from + text.length, from + text.length] })
}
