/*
 * Frames are composed as strings of one character a byte (latin1), and not as buffers. V8 joins strings without copying them:
 * what a connection sends in a turn is a rope that shares its long parts with every other connection's. Node writes a string of
 * up to 16 KiB to a socket from the stack. No buffer is allocated for a delivery, and a slow reader keeps none alive.
 */

/** The first byte of a whole message, by its type (RFC 6455, section 5.2: FIN and the opcode). */
const FIRST_BYTE = { text: '\x81', binary: '\x82' } as const

export type MessageType = keyof typeof FIRST_BYTE

/** The head of a server's frame with a message of `length` bytes, which is neither masked nor compressed. */
export function frameHead(type: MessageType, length: number): string {
  const first = FIRST_BYTE[type]
  if (length < 126) return first + String.fromCharCode(length)
  if (length < 65_536) return first + String.fromCharCode(126, length >>> 8, length & 0xff)
  const high = Math.floor(length / 2 ** 32)
  const bytes = [high, length >>> 0].flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff))
  return first + String.fromCharCode(127, ...bytes)
}

/** The UTF-8 bytes of a text, as a string of one character a byte. */
export const utf8Bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** Bytes as a string of one character a byte. */
export const latin1Of = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
