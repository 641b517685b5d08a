import { randomUUID } from 'node:crypto'

/**
 * A UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits. It is made here because Postgres
 * below 18 has no `uuidv7()`. The random bits are those of a version 4 UUID, whose pool makes them cheap.
 */
export function uuidv7(now = Date.now()): string {
  const random = randomUUID()
  const time = now.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`
}
