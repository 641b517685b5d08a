import { jsonEncoder } from '@trpc/client'
import type { SuperJSONResult } from 'superjson'
import { transformer } from './transformer.ts'
import { WIRE_LIMITS } from './wire-limits.ts'

/** Separates the frames of one text. JSON never contains it unescaped. */
const BETWEEN_FRAMES = '\n'

/**
 * Writes a batch as one frame or several, each within the server's limits. The stock client puts everything that waits for a
 * connection, and all its subscriptions after a reconnect, into one batch. `framedSocket` splits the text into frames.
 */
export const frameEncoder = {
  ...jsonEncoder,
  encode: (message: unknown): string => {
    if (!Array.isArray(message)) return JSON.stringify(message)
    return packFrames(message.map((each) => JSON.stringify(each))).join(BETWEEN_FRAMES)
  },
}

/**
 * A WebSocket class that sends the output of `frameEncoder`. Once the signal has aborted, no socket is made, and none goes on
 * connecting.
 */
export function framedSocket(Base: typeof WebSocket, signal: AbortSignal): typeof WebSocket {
  return class FramedSocket extends Base {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      signal.throwIfAborted()
      super(...args)
      const giveUp = () => {
        if (this.readyState === this.CONNECTING) this.close()
      }
      signal.addEventListener('abort', giveUp)
      this.addEventListener('close', () => signal.removeEventListener('abort', giveUp))
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (typeof data !== 'string') return super.send(data)
      for (const frame of data.split(BETWEEN_FRAMES)) super.send(frame)
    }
  }
}

/**
 * A copy of an input. A caller may change its own before the call leaves or is sent again. Undefined if the input is larger than
 * the server accepts for one call: a frame that is too large would cost the connection.
 */
export function copyInput(input: unknown): { input: unknown } | undefined {
  const text = JSON.stringify(transformer.input.serialize(input))
  // The length decides most cases: a UTF-16 code unit has at most three bytes.
  if (text.length * 3 > WIRE_LIMITS.callBytes && bytesOf(text) > WIRE_LIMITS.callBytes) return undefined
  const copy: SuperJSONResult = JSON.parse(text)
  return { input: transformer.output.deserialize(copy) }
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

function packFrames(messages: string[]): string[] {
  const frames: string[] = []
  let batch: string[] = []
  let bytes = 0
  for (const message of messages) {
    // With a comma, and the brackets of the batch.
    const weight = bytesOf(message) + 1
    if (batch.length > 0 && (batch.length === WIRE_LIMITS.batch || bytes + weight + 1 > WIRE_LIMITS.frameBytes)) {
      frames.push(frameOf(batch))
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += weight
  }
  return batch.length > 0 ? [...frames, frameOf(batch)] : frames
}

const frameOf = (batch: string[]): string => (batch.length === 1 ? (batch[0] ?? '') : `[${batch.join(',')}]`)
