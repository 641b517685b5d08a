import { Store } from '../../../client/client-entry.ts'

export type LaterParts = typeof import('./later-parts.ts').laterParts

/** How long a visit goes on before what may be needed next is fetched, so that it takes nothing from what is needed now. */
const AHEAD_AFTER_MS = 2_000

/** Fetches the parts of the page that are loaded later. Once they are here they stay, also while the server is away. */
export class PartLoader {
  /** undefined until they are here. */
  readonly parts = new Store<LaterParts | undefined>(undefined)

  /** @throws where they can't be fetched: the server is away, or has another version of the page by now. */
  async load(): Promise<void> {
    if (this.parts.get()) return
    const { laterParts } = await import('./later-parts.ts')
    this.parts.set(laterParts)
  }

  /** Fetches them when there is time; the returned function ends that. */
  loadAhead(): () => void {
    // A user who opens a part before then sees what went wrong.
    const timer = setTimeout(() => void this.load().catch(() => undefined), AHEAD_AFTER_MS)
    return () => clearTimeout(timer)
  }
}
