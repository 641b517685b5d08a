import { isRetryable, Store, toChatFailure } from '../../../client/client-entry.ts'
import { type ChatClient, type Draft, LIMITS, type Page, setLongTimeout } from '../../../shared/index.ts'

const SETTLED_MS = 1_000
const AGAIN_MS = 5_000

interface Entry {
  text: string
  /** The text on the server; undefined until it was requested. */
  saved: string | undefined
  /** How often the text was edited here, and how often another device's text replaced it. */
  changes: number
  version: number
  isSaving: boolean
  /** Set while a save waits. */
  cancelSave: (() => void) | undefined
}

/**
 * The viewer's unsent texts, by place: a room's id, or `<room> <thread>`. A text is kept here at once, and on the server, for
 * the other devices, a moment after the last keystroke. The device that wrote last wins.
 */
export class DraftBox {
  /** The place whose text was last set by anything but its field. The same place can come twice. */
  readonly returned = new Store<{ place: string } | undefined>(undefined)
  /** The ids of rooms that have a draft. The drafts of other devices are fetched at first, and when the window gets the focus. */
  readonly rooms: Store<ReadonlySet<string>>
  readonly #client: ChatClient
  readonly #entries = new Map<string, Entry>()
  /** Places on the screen: each fetches its own text. */
  readonly #open = new Set<string>()
  readonly #onHide = () => document.visibilityState === 'hidden' && this.#saveAll()

  constructor(client: ChatClient) {
    this.#client = client
    this.rooms = new Store<ReadonlySet<string>>(new Set(), () => {
      const list = () => void this.#list()
      list()
      addEventListener('focus', list)
      return () => removeEventListener('focus', list)
    })
    document.addEventListener('visibilitychange', this.#onHide)
  }

  get(place: string): string | undefined {
    return this.#entries.get(place)?.text || undefined
  }

  set(place: string, text: string) {
    const entry = this.#entryOf(place)
    if (entry.text === text && entry.saved !== undefined) return
    this.#write(place, entry, text)
    entry.changes++
    // A sent text is no longer a draft, and other devices must not show it as one.
    this.#saveIn(place, text === '' ? 0 : SETTLED_MS)
  }

  /** Puts a text before the existing one. The place's field starts again with both. */
  giveBack(place: string, text: string) {
    const written = this.get(place)
    this.set(place, written === undefined ? text : `${text}\n${written}`)
    this.#entryOf(place).version++
    this.returned.set({ place })
  }

  delete(place: string) {
    this.set(place, '')
  }

  /** Rises when the text changes from outside of its field. */
  versionOf(place: string): number {
    return this.#entries.get(place)?.version ?? 0
  }

  /** Fetches the server's text. Text that is being written here stays. */
  async load(place: string) {
    const entry = this.#entryOf(place)
    const { changes } = entry
    if (!isAtRest(entry)) return
    const draft = await this.#client.draft.get.query(toInput(place)).catch(() => undefined)
    if (draft === undefined || entry.isSaving) return
    this.#take(place, draft?.content ?? '', changes)
  }

  /** Marks the place as on the screen. The returned function saves at once what waits for a pause. */
  open(place: string): () => void {
    this.#open.add(place)
    return () => {
      this.#open.delete(place)
      this.#flush(place)
    }
  }

  /** Takes the server's text of a place, unless the text was edited here since `changes` was read. */
  #take(place: string, content: string, changes: number) {
    const entry = this.#entryOf(place)
    entry.saved = content
    if (entry.changes !== changes || entry.text === content) return
    this.#write(place, entry, content)
    entry.version++
  }

  /** Fetches the drafts of all rooms, at most as many as a user can have. */
  async #list() {
    const before = new Map(Array.from(this.#entries, ([place, { changes }]) => [place, changes]))
    const found = new Map<string, string>()
    try {
      for (let cursor: string | null = ''; cursor !== null && found.size < LIMITS.drafts; ) {
        const page: Page<Draft> = await this.#client.draft.list.query({ limit: 100, ...(cursor ? { cursor } : {}) })
        for (const { roomId, threadId, content } of page.items)
          found.set(threadId ? `${roomId} ${threadId}` : roomId, content)
        cursor = page.nextCursor
      }
    } catch {
      // The next focus tries again.
      return
    }
    for (const place of new Set([...found.keys(), ...before.keys()])) {
      const known = this.#entries.get(place)
      const changes = before.get(place) ?? 0
      if (this.#open.has(place) || (known && (known.changes !== changes || !isAtRest(known)))) continue
      this.#take(place, found.get(place) ?? '', changes)
    }
  }

  #write(place: string, entry: Entry, text: string) {
    entry.text = text
    const hasDraft = text.trim() !== ''
    if (place.includes(' ') || this.rooms.get().has(place) === hasDraft) return
    this.rooms.update((rooms) => {
      const others = [...rooms].filter((roomId) => roomId !== place)
      return new Set(hasDraft ? [...others, place] : others)
    })
  }

  #flush(place: string) {
    if (this.#entries.get(place)?.cancelSave) void this.#save(place)
  }

  close() {
    document.removeEventListener('visibilitychange', this.#onHide)
    this.#saveAll()
    for (const { cancelSave } of this.#entries.values()) cancelSave?.()
    this.#entries.clear()
  }

  #saveAll() {
    for (const place of this.#entries.keys()) this.#flush(place)
  }

  #entryOf(place: string): Entry {
    const known = this.#entries.get(place)
    if (known) return known
    const entry: Entry = { text: '', saved: undefined, changes: 0, version: 0, isSaving: false, cancelSave: undefined }
    this.#entries.set(place, entry)
    return entry
  }

  #saveIn(place: string, ms: number) {
    const entry = this.#entryOf(place)
    entry.cancelSave?.()
    entry.cancelSave = setLongTimeout(() => void this.#save(place), ms)
  }

  /** One call at a time for each place: a later text never arrives before an earlier one. */
  async #save(place: string) {
    const entry = this.#entryOf(place)
    entry.cancelSave?.()
    entry.cancelSave = undefined
    const { text } = entry
    if (entry.isSaving || text === entry.saved || text.length > LIMITS.content) return
    entry.isSaving = true
    try {
      await this.#client.draft.set.mutate({ ...toInput(place), content: text })
      entry.saved = text
    } catch (error) {
      // A text that the server refuses (too many drafts, or the viewer has left the room) stays here alone.
      const failure = toChatFailure(error)
      if (isRetryable(failure)) this.#saveAgainIn(place, failure.retryAfterMs ?? AGAIN_MS)
    } finally {
      entry.isSaving = false
    }
    if (entry.text !== text) this.#saveAgainIn(place, SETTLED_MS)
  }

  #saveAgainIn(place: string, ms: number) {
    // Does nothing after `close`.
    if (this.#entries.has(place)) this.#saveIn(place, ms)
  }
}

/** True if the server has every text that was written here. */
const isAtRest = ({ isSaving, cancelSave, text, saved }: Entry): boolean =>
  !isSaving && !cancelSave && text === (saved ?? '')

function toInput(place: string): { roomId: string; threadId?: string } {
  const [roomId = '', threadId] = place.split(' ')
  return threadId === undefined ? { roomId } : { roomId, threadId }
}
