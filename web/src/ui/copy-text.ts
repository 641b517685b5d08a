/**
 * Puts a text on the clipboard. False where the browser does not allow it. The clipboard's own API is there on pages that come over
 * HTTPS or from this machine; elsewhere, as on a plain address of the own network, a text that is selected can be copied.
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
  // What is outside of an open dialog can't be selected.
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
