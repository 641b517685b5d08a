import type { App } from '../../server/app.ts'
import { applyInboxEvent, EMPTY_INBOX, type Inbox, type InboxEvent } from '../../shared/index.ts'

type Caller = ReturnType<App['createCaller']>

/** A client's inbox: its events folded, and what came in. */
export class FoldedInbox {
  inbox: Inbox = EMPTY_INBOX
  readonly events: InboxEvent[] = []
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #changed = Promise.withResolvers<void>()

  constructor(userId: string, callerUntil: (signal: AbortSignal) => Caller) {
    this.#running = this.#follow(userId, callerUntil(this.#stopping.signal))
  }

  async until(isThere: (inbox: Inbox) => boolean): Promise<Inbox> {
    while (!isThere(this.inbox)) await this.#changed.promise
    return this.inbox
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #follow(userId: string, caller: Caller): Promise<void> {
    for await (const event of await caller.inbox.onEvent()) {
      this.events.push(event)
      this.inbox = applyInboxEvent(this.inbox, event, userId)
      this.#changed.resolve()
      this.#changed = Promise.withResolvers()
    }
  }
}
