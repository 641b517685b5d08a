import { Store } from '../../../client/client-entry.ts'
import { errorSentence } from './error-sentence.ts'

export interface Toast {
  id: number
  tone: 'note' | 'fault'
  text: string
  /** A button to undo it, or to show it. */
  act?: { text: string; run: () => void }
}

const SHOWN_MS = 6_000
const SHOWN_AT_ONCE = 3

/** Short notices that disappear by themselves. The newest three are shown; a new one replaces the oldest. */
export class ToastStore {
  readonly list = new Store<readonly Toast[]>([])
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()
  #lastId = 0

  note(text: string, act?: Toast['act']) {
    this.#add('note', text, act)
  }

  /** Reports a failure and its reason. */
  warn(text: string) {
    this.#add('fault', text)
  }

  fault(error: unknown) {
    this.#add('fault', errorSentence(error))
  }

  dismiss(id: number) {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.list.update((toasts) => toasts.filter((toast) => toast.id !== id))
  }

  clear() {
    for (const { id } of this.list.get()) this.dismiss(id)
  }

  #add(tone: Toast['tone'], text: string, act?: Toast['act']) {
    for (const same of this.list.get().filter((toast) => toast.text === text)) this.dismiss(same.id)
    const id = ++this.#lastId
    for (const old of this.list.get().slice(0, 1 - SHOWN_AT_ONCE)) this.dismiss(old.id)
    this.list.update((toasts) => [...toasts, { id, tone, text, ...(act ? { act } : {}) }])
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), SHOWN_MS),
    )
  }
}
