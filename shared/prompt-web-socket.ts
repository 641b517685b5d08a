interface Patience {
  /** From the connect to the end of the upgrade. */
  openMs: number
  /** From `close` to the peer's answer. */
  closeMs: number
}

const PATIENCE: Patience = { openMs: 10_000, closeMs: 1_000 }

/**
 * A WebSocket that ends soon after `close`, even if the peer is silent: a frozen server, a dead network. The platform's own
 * WebSocket waits for the closing handshake as long as TCP does. A client that closes because the peer is silent would not
 * reconnect until then. Nothing arrives after the `close` event, even if the peer wakes up. An upgrade without an answer ends as
 * well. A class that is no EventTarget, such as that of the package ws, is returned unchanged.
 */
export function promptWebSocket(Base: typeof WebSocket, patience: Partial<Patience> = {}): typeof WebSocket {
  if (!(Base.prototype instanceof EventTarget)) return Base
  const { openMs, closeMs } = { ...PATIENCE, ...patience }
  return class PromptWebSocket extends Base {
    #wasOpen = false
    #isEnded = false
    #closing: ReturnType<typeof setTimeout> | undefined

    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      const opening = setTimeout(() => this.close(), openMs)
      this.addEventListener('open', () => {
        clearTimeout(opening)
        this.#wasOpen = true
      })
      // These are the first listeners. An event that they stop reaches nobody.
      this.addEventListener('message', (event) => {
        if (this.#isEnded) event.stopImmediatePropagation()
      })
      this.addEventListener('close', (event) => {
        clearTimeout(opening)
        clearTimeout(this.#closing)
        if (this.#isEnded) event.stopImmediatePropagation()
        this.#isEnded = true
      })
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason)
      this.#closing ??= setTimeout(() => this.#end(), closeMs)
    }

    #end(): void {
      if (this.#isEnded || this.readyState === this.CLOSED) return
      if (!this.#wasOpen) this.dispatchEvent(new Event('error'))
      this.dispatchEvent(new CloseEvent('close', { code: ABNORMAL, wasClean: false }))
    }
  }
}

/** The platform's code for a lost connection: RFC 6455, section 7.4.1. */
const ABNORMAL = 1006
