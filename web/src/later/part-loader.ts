import { Store } from '../../../client/client-entry.ts'

export type LaterParts = typeof import('./later-parts.ts').laterParts

/** How long after the start the parts are loaded ahead, so that they don't delay the first view. */
const AHEAD_AFTER_MS = 2_000

/** Loads the later parts of the page. Loaded parts stay available while the server is away. */
export class PartLoader {
  /** Undefined until they are loaded. */
  readonly parts = new Store<LaterParts | undefined>(undefined)

  /** @throws if they can't be loaded: the server is away, or has another version of the page by now. */
  async load(): Promise<void> {
    if (this.parts.get()) return
    const { laterParts } = await import('./later-parts.ts')
    this.parts.set(laterParts)
  }

  /** Loads them after a while; the returned function cancels that. */
  loadAhead(): () => void {
    // A user who opens a part before then sees the error.
    const timer = setTimeout(() => void this.load().catch(() => undefined), AHEAD_AFTER_MS)
    return () => clearTimeout(timer)
  }
}
