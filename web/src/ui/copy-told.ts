import { copyText } from './copy-text.ts'
import type { ToastStore } from './toast-store.ts'

/** Copies a text, and shows `done` or that it failed. */
export async function copyTold(toasts: ToastStore, text: string, done: string): Promise<void> {
  if (await copyText(text)) toasts.note(done)
  else toasts.warn('Couldn’t copy. Your browser doesn’t allow it.')
}
