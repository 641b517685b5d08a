interface Patience {
  /** From the connect to the end of the upgrade. */
  openMs: number
  /** From `close` to the answer of the other end. */
  closeMs: number
}

const PATIENCE: Patience = { openMs: 10_000, closeMs: 1_000 }

/**
 * A WebSocket whose end comes soon after `close`, also where the other end says nothing any more: a frozen server, a dead network. The
 * platform's own waits for the closing handshake, for as long as TCP does, and a client that closes because it has no sign of life would
 * not come back by then. Nothing arrives after the `close` event, whatever the other end says when it wakes up. An upgrade that is not
 * answered ends as well. One that is no EventTarget, as that of the package ws, is left as it is.
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
      // The first listeners there are: what they stop reaches nobody.
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

/** As the platform says where a connection was lost: RFC 6455, section 7.4.1. */
const ABNORMAL = 1006
