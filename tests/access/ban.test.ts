import { type RawBuilder, sql } from 'kysely'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { assertNotBanned, FOR_GOOD, isBanned } from '../../server/access/ban.ts'
import { memberClock } from '../../server/access/member-now.ts'
import { ChatError } from '../../server/errors/chat-error.ts'
import { changeRoom } from '../../server/log/room-change.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()

interface Case {
  title: string
  until: RawBuilder<Date | null>
  isBanned: boolean
  /** Where a ban has an end, when the caller may come back, in milliseconds from now. */
  endsInMs?: number
}

const HOUR_MS = 3_600_000

const CASES: Case[] = [
  { title: 'never banned', until: sql`null`, isBanned: false },
  { title: 'long over', until: sql`clock_timestamp() - interval '1 year'`, isBanned: false },
  { title: 'just over', until: sql`clock_timestamp()`, isBanned: false },
  { title: 'for an hour', until: sql`clock_timestamp() + interval '1 hour'`, isBanned: true, endsInMs: HOUR_MS },
  {
    title: 'for ten years',
    until: sql`clock_timestamp() + interval '87600 hours'`,
    isBanned: true,
    endsInMs: 87_600 * HOUR_MS,
  },
  { title: 'for good', until: sql`${FOR_GOOD}`, isBanned: true },
]

let roomId: string
const tenantId = 'default'

beforeAll(async () => {
  const owner = server.caller('owner')
  roomId = (await owner.room.create({ kind: 'channel', name: 'Harbour' })).id
  for (const { title, until } of CASES) {
    const guest = server.caller(title)
    await guest.auth.me()
    await guest.room.join({ roomId })
    await guest.room.leave({ roomId })
    await server.app.services.database.db
      .updateTable('members')
      .set({ banned_until: until, banned_at: new Date(), banned_by: 'owner' })
      .where('room_id', '=', roomId)
      .where('user_id', '=', title)
      .execute()
  }
})

afterEach(() => void vi.useRealTimers())

/** What each of those who decide about a ban says of it: `true`, or until when somebody is told to wait. */
type Verdict = boolean | number | undefined

const bannedFor = (error: unknown): Verdict => {
  if (!(error instanceof ChatError) || error.reason !== 'MEMBER_BANNED') throw error
  return error.retryAfterMs ?? true
}

const readMember = (userId: string) =>
  server.app.services.database.db
    .selectFrom('members')
    .selectAll()
    .select(memberClock)
    .select(isBanned.as('is_banned'))
    .where('room_id', '=', roomId)
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()

const bySql = async (userId: string): Promise<Verdict> => (await readMember(userId)).is_banned

async function byTypeScript(userId: string): Promise<Verdict> {
  const member = await readMember(userId)
  try {
    assertNotBanned(member)
    return false
  } catch (error) {
    return bannedFor(error)
  }
}

/** Who is let in leaves again, so that each asks about the same row. */
async function byJoining(userId: string): Promise<Verdict> {
  try {
    await changeRoom(server.app.services, { tenantId, roomId }, async (change) => {
      await change.join({ user_id: userId, user_name: userId, user_picture_url: null, joined_at: new Date() })
      throw new Error('let in')
    })
    return undefined
  } catch (error) {
    if (error instanceof Error && error.message === 'let in') return false
    return bannedFor(error)
  }
}

describe.each(CASES)('a ban that is $title', ({ title, isBanned: isOut, endsInMs }) => {
  test.each([
    ['as the server’s clock has it', 0],
    ['where the server’s clock is a day ahead', 24 * HOUR_MS],
    ['where it is a day behind', -24 * HOUR_MS],
  ])('is judged alike by SQL, by the statement that joins, and by TypeScript, %s', async (_title, offMs) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offMs })
    expect(await bySql(title)).toBe(isOut)
    for (const verdict of [await byTypeScript(title), await byJoining(title)]) {
      if (endsInMs === undefined) {
        expect(verdict).toBe(isOut)
      } else {
        expect(verdict).toBeLessThanOrEqual(endsInMs)
        expect(verdict).toBeGreaterThan(endsInMs - 10 * 60_000)
      }
    }
  })

  test('is listed for moderators while it lasts', async () => {
    const { items } = await server.caller('owner').member.banned({ roomId })
    expect(items.some(({ member }) => member.userId === title)).toBe(isOut)
  })
})
