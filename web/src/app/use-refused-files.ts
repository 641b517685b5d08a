import { useEffect } from 'react'
import { safeText } from '../markdown/safe-text.ts'
import type { ToastStore } from '../ui/toast-store.ts'

const NAME_LENGTH = 60

/**
 * Says that dropped or pasted files can't be sent, where the page has room to say it. A browser would otherwise leave the page
 * for a dropped file or link. Dropped text goes where it is dropped.
 */
export function useRefusedFiles(toasts: ToastStore | undefined) {
  useEffect(() => {
    const refuse = (files: FileList) => {
      const [first] = files
      if (first) toasts?.warn(refusal(first.name, files.length - 1))
    }
    const onDragOver = (event: DragEvent) => {
      if (!event.dataTransfer || isTextDrop(event)) return
      event.preventDefault()
      // Without an effect there is no drop event, and so no answer.
      event.dataTransfer.dropEffect = hasFiles(event.dataTransfer) ? 'copy' : 'none'
    }
    const onDrop = (event: DragEvent) => {
      if (isTextDrop(event)) return
      event.preventDefault()
      if (event.dataTransfer) refuse(event.dataTransfer.files)
    }
    const onPaste = (event: ClipboardEvent) => {
      const { clipboardData } = event
      // Spreadsheets and word processors add a picture to the text. The text is meant.
      if (!clipboardData || clipboardData.files.length === 0 || clipboardData.types.includes('text/plain')) return
      event.preventDefault()
      refuse(clipboardData.files)
    }
    document.addEventListener('dragover', onDragOver)
    document.addEventListener('drop', onDrop)
    document.addEventListener('paste', onPaste)
    return () => {
      document.removeEventListener('dragover', onDragOver)
      document.removeEventListener('drop', onDrop)
      document.removeEventListener('paste', onPaste)
    }
  }, [toasts])
}

const hasFiles = ({ types }: DataTransfer): boolean => types.includes('Files')

/** True for a drag without files over a field that takes it. */
const isTextDrop = ({ dataTransfer, target }: DragEvent): boolean =>
  (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) &&
  dataTransfer !== null &&
  !hasFiles(dataTransfer)

function refusal(name: string, others: number): string {
  const shown = safeText(name)
  const first = `“${shown.length > NAME_LENGTH ? `${shown.slice(0, NAME_LENGTH)}…` : shown}”`
  const all = others === 0 ? `${first} was` : `${first} and ${others === 1 ? '1 other' : `${others} others`} were`
  return `File uploads aren’t supported yet: ${all} not sent.`
}
