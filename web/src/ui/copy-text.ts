/**
 * Copies a text to the clipboard. False if the browser does not allow it. The clipboard API exists on pages over HTTPS or from
 * localhost. On other pages, such as one at a plain address of the local network, selected text can be copied.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

function copySelected(text: string): boolean {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'for-readers'
  field.readOnly = true
  field.ariaHidden = 'true'
  // Text outside of an open dialog can't be selected.
  const dialogs = document.querySelectorAll('dialog[open]')
  ;(dialogs.item(dialogs.length - 1) ?? document.body).append(field)
  try {
    field.select()
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  }
}
