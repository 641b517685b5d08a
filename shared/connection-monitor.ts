import type { ChatErrorReason } from './errors.ts'

/** `connecting` also covers reconnects after a loss. `closed` is final, by `close()` or by a refusal. */
export interface ConnectionState {
  status: 'idle' | 'connecting' | 'open' | 'closed'
  /** In `closed`: why the server refuses this client for good. */
  reason?: ChatErrorReason
}

/** The connection's state, for display. It ends once and reports nothing after that. */
export class ConnectionMonitor {
  #state: ConnectionState = { status: 'connecting' }
  readonly #listeners = new Set<(state: ConnectionState) => void>()

  get state(): ConnectionState {
    return this.#state
  }

  get isEnded(): boolean {
    return this.#state.status === 'closed'
  }

  subscribe(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  report(status: 'idle' | 'connecting' | 'open') {
    if (!this.isEnded && this.#state.status !== status) this.#set({ status })
  }

  end(reason?: ChatErrorReason) {
    if (!this.isEnded) this.#set(reason ? { status: 'closed', reason } : { status: 'closed' })
  }

  #set(state: ConnectionState) {
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }
}
