import { WebSocket } from 'ws'

/**
 * A socket of a `ws` server that emits `closing` (code, reason) before its close frame is written, while something can still be sent.
 * ws closes by itself because of what it has read, and then gives a code and no reason.
 */
export class AnnouncedWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (this.readyState === this.OPEN) this.emit('closing', code, reason)
    super.close(code, reason)
  }
}
