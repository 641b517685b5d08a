import { z } from 'zod'
import { LIMITS } from './limits.ts'

/** One page of a list. `nextCursor` is null at the end. It is a place in this list, not a position in a room's log. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export const cursor = z.string().min(1).max(LIMITS.cursor)
export const limit = z.int('a whole number').min(1, 'at least 1').max(LIMITS.page, `at most ${LIMITS.page}`)

/** The paging fields of every list. */
export const paging = { cursor: cursor.optional(), limit: limit.default(LIMITS.pageDefault) }

/** The parsed paging fields: the page after `cursor`, or the first one. */
export interface Paging {
  cursor?: string | undefined
  limit: number
}

/** The input of a list that belongs to a room. */
export interface RoomPaging extends Paging {
  roomId: string
}
