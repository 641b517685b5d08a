import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { parsePosition } from './position.ts'

/** A user's id as the host application knows it (a token's `sub`): 1 to 128 characters, no spaces or controls. */
export const userId = z
  .string()
  .max(LIMITS.userId, `at most ${LIMITS.userId} characters`)
  .regex(/^[^\p{C}\p{Z}]+$/u, 'a user id: no spaces or control characters, not empty')

export const tenantId = z
  .string()
  .max(LIMITS.tenantId)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a tenant id: letters, digits, dot, dash and underscore')

/** A UUID may be written in capitals. Here it is stored in its canonical form (RFC 9562, section 4). */
export const roomId = z.uuid('a room id: a UUID').toLowerCase()
export const messageId = z.uuid('a message id: a UUID').toLowerCase()
export const reportId = z.uuid('a report id: a UUID').toLowerCase()
export const clientId = z.uuid('a client id: a UUID made by the caller').toLowerCase()

export const userIds = z
  .array(userId)
  .min(1, 'at least one user')
  .max(LIMITS.userIds, `at most ${LIMITS.userIds} users a call`)

export const messageIds = z
  .array(messageId)
  .min(1, 'at least one message')
  .max(LIMITS.messageIds, `at most ${LIMITS.messageIds} messages a call`)

/** An opaque position in a room's log, from `room.snapshot`, `room.changes` or an event's id. */
export const position = z
  .string()
  .max(LIMITS.position)
  .refine((text) => parsePosition(text) !== undefined, 'not a position of this API')

export const seq = z.int('a whole number').min(0)

/** A moment that Postgres and every client can represent. */
export const time = z.date().min(new Date(0), 'long past')
