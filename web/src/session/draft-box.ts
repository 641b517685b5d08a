import { canPass, Store, toChatFailure } from '../../../client/client-entry.ts'
import { type ChatClient, LIMITS } from '../../../shared/index.ts'

const SETTLED_MS = 1_000
const AGAIN_MS = 5_000

interface Entry {
  text: string
  /** What the server is known to have; undefined until it was asked. */
  saved: string | undefined
  /** How often it was written in here, and how often what another device wrote took its place. */
  changes: number
  version: number
  isSaving: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

/**
 * What the viewer has begun to write and not sent, by place: a room's id, or `<room> <thread>`. It is here at once, and on the server,
 * for the other devices, a moment after the last keystroke; the device that wrote last wins.
 */
export class DraftBox {
  /** The place whose text was last put there by other means than its field; the same place can come twice. */
  readonly returned = new Store<{ place: string } | undefined>(undefined)
  readonly #client: ChatClient
  readonly #entries = new Map<string, Entry>()
  readonly #onHide = () => document.visibilityState === 'hidden' && this.#saveAll()

  constructor(client: ChatClient) {
    this.#client = client
    document.addEventListener('visibilitychange', this.#onHide)
  }

  get(place: string): string | undefined {
    return this.#entries.get(place)?.text || undefined
  }

  set(place: string, text: string) {
    const entry = this.#entryOf(place)
    if (entry.text === text && entry.saved !== undefined) return
    entry.text = text
    entry.changes++
    // What was sent is a draft no more, and another device shall not show it as one.
    this.#saveIn(place, text === '' ? 0 : SETTLED_MS)
  }

  /** Puts a text before what is there already; the place's field begins with both. */
  giveBack(place: string, text: string) {
    const written = this.get(place)
    this.set(place, written === undefined ? text : `${text}\n${written}`)
    this.#entryOf(place).version++
    this.returned.set({ place })
  }

  delete(place: string) {
    this.set(place, '')
  }

  /** Rises when the text here is another one, which was not written here. */
  versionOf(place: string): number {
    return this.#entries.get(place)?.version ?? 0
  }

  /** Asks the server. What is being written here stays. */
  async load(place: string) {
    const entry = this.#entryOf(place)
    const { changes } = entry
    if (entry.isSaving || entry.timer || entry.text !== (entry.saved ?? '')) return
    const draft = await this.#client.draft.get.query(toInput(place)).catch(() => undefined)
    if (draft === undefined || entry.isSaving) return
    entry.saved = draft?.content ?? ''
    if (entry.changes !== changes || entry.text === entry.saved) return
    entry.text = entry.saved
    entry.version++
  }

  /** Saves at once what waits for a pause. */
  flush(place: string) {
    if (this.#entries.get(place)?.timer) void this.#save(place)
  }

  close() {
    document.removeEventListener('visibilitychange', this.#onHide)
    this.#saveAll()
    for (const { timer } of this.#entries.values()) clearTimeout(timer)
    this.#entries.clear()
  }

  #saveAll() {
    for (const place of this.#entries.keys()) this.flush(place)
  }

  #entryOf(place: string): Entry {
    const known = this.#entries.get(place)
    if (known) return known
    const entry: Entry = { text: '', saved: undefined, changes: 0, version: 0, isSaving: false, timer: undefined }
    this.#entries.set(place, entry)
    return entry
  }

  #saveIn(place: string, ms: number) {
    const entry = this.#entryOf(place)
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => void this.#save(place), ms)
  }

  /** One call at a time for each place: a later text never arrives before an earlier one. */
  async #save(place: string) {
    const entry = this.#entryOf(place)
    clearTimeout(entry.timer)
    entry.timer = undefined
    const { text } = entry
    if (entry.isSaving || text === entry.saved || text.length > LIMITS.content) return
    entry.isSaving = true
    try {
      await this.#client.draft.set.mutate({ ...toInput(place), content: text })
      entry.saved = text
    } catch (error) {
      // What can't be kept there (there are too many drafts, or the room is not the viewer's any more) stays here alone.
      const failure = toChatFailure(error)
      if (canPass(failure)) this.#saveAgainIn(place, failure.retryAfterMs ?? AGAIN_MS)
    } finally {
      entry.isSaving = false
    }
    if (entry.text !== text) this.#saveAgainIn(place, SETTLED_MS)
  }

  #saveAgainIn(place: string, ms: number) {
    // Nothing, once this is closed.
    if (this.#entries.has(place)) this.#saveIn(place, ms)
  }
}

function toInput(place: string): { roomId: string; threadId?: string } {
  const [roomId = '', threadId] = place.split(' ')
  return threadId === undefined ? { roomId } : { roomId, threadId }
}
