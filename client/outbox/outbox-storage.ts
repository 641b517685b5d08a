import type { KeptMessage } from './outbox-entry.ts'

/**
 * Where unsent messages outlive the page. Calls are synchronous and may throw (a full or forbidden storage). The outbox then
 * works in memory. Each message is stored separately, so two tabs never overwrite each other's messages.
 */
export interface OutboxStorage {
  /** All stored messages, in any order. */
  load(): KeptMessage[]
  /** Stores a message, or its new state. */
  keep(message: KeptMessage): void
  remove(clientId: string): void
  /** Calls back after another tab, or another outbox on the same storage, has changed something; returns the unsubscribe. */
  subscribe(listener: () => void): () => void
}

/** The part of `localStorage` that the outbox uses. */
export interface KeyValueStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** Calls back after another tab has changed the storage, with the key if it is known; returns the unsubscribe. */
export type StorageChanges = (listener: (key: string | null) => void) => () => void

/** Keeps messages in `localStorage`, or a similar storage, under keys with a common prefix. */
export class KeyValueOutboxStorage implements OutboxStorage {
  readonly #area: KeyValueStorage
  readonly #prefix: string
  readonly #changes: StorageChanges

  /** @param changes reports changes by other tabs; by default the window's `storage` events. */
  constructor(area: KeyValueStorage, prefix: string, changes: StorageChanges = storageEvents) {
    this.#area = area
    this.#prefix = `${prefix}/`
    this.#changes = changes
  }

  load(): KeptMessage[] {
    const keys = Array.from({ length: this.#area.length }, (_, index) => this.#area.key(index))
    return keys.flatMap((key) => (key?.startsWith(this.#prefix) ? (parse(this.#area.getItem(key)) ?? []) : []))
  }

  keep(message: KeptMessage): void {
    this.#area.setItem(this.#prefix + message.clientId, JSON.stringify(message))
  }

  remove(clientId: string): void {
    this.#area.removeItem(this.#prefix + clientId)
  }

  subscribe(listener: () => void): () => void {
    return this.#changes((key) => (key === null || key.startsWith(this.#prefix)) && listener())
  }
}

/**
 * A tab learns of another tab's change once its own view of the storage has it. Other messages between tabs may arrive earlier.
 */
const storageEvents: StorageChanges = (listener) => {
  const page: object = globalThis
  if (!isEventTarget(page)) return () => undefined
  const changed = (event: Event) => listener('key' in event && typeof event.key === 'string' ? event.key : null)
  page.addEventListener('storage', changed)
  return () => page.removeEventListener('storage', changed)
}

const isEventTarget = (value: object): value is EventTarget =>
  'addEventListener' in value && 'removeEventListener' in value

/** Keeps messages as long as this object lives. */
export class MemoryOutboxStorage implements OutboxStorage {
  readonly #kept = new Map<string, KeptMessage>()

  load(): KeptMessage[] {
    return [...this.#kept.values()]
  }

  keep(message: KeptMessage): void {
    this.#kept.set(message.clientId, message)
  }

  remove(clientId: string): void {
    this.#kept.delete(clientId)
  }

  subscribe(): () => void {
    return () => undefined
  }
}

/** `localStorage` in a browser that grants it, memory elsewhere. */
export function defaultOutboxStorage(prefix: string): OutboxStorage {
  try {
    if ('document' in globalThis) return new KeyValueOutboxStorage(localStorage, prefix)
  } catch {
    // A browser may throw instead of granting it.
  }
  return new MemoryOutboxStorage()
}

/** Anything on the page can write to the storage. Entries that are not messages are ignored. */
function parse(text: string | null): KeptMessage | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return isKept(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isKept(value: unknown): value is KeptMessage {
  if (typeof value !== 'object' || value === null) return false
  if (!('clientId' in value && 'roomId' in value && 'message' in value && 'writtenAt' in value)) return false
  const { clientId, roomId, message, writtenAt } = value
  return (
    typeof clientId === 'string' &&
    typeof roomId === 'string' &&
    typeof writtenAt === 'number' &&
    typeof message === 'object' &&
    message !== null &&
    'content' in message
  )
}
