import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { ProfilePropagator } from '../../server/user/profile-propagator.ts'
import { newId, useTestApp } from '../support/test-app.ts'

/** The poll of the server itself takes nothing up: what is spread is what a test asks for. */
const server = useTestApp({}, { reconcileMs: 3_600_000 })
const db = () => server.app.services.database.db

async function userIn(rooms: number): Promise<string> {
  const userId = `u-${newId()}`
  const { auth, room } = server.caller(userId)
  await auth.me()
  for (let made = 0; made < rooms; made += 20) {
    const batch = Array.from({ length: Math.min(20, rooms - made) }, () =>
      room.create({ kind: 'group', name: 'A room' }),
    )
    await Promise.all(batch)
  }
  return userId
}

const roomsShowing = async (userId: string, name: string): Promise<number> => {
  const { count } = await db()
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('user_name', '=', name)
    .executeTakeFirstOrThrow()
  return count
}

const isUnderWay = async (userId: string): Promise<boolean> =>
  (await db().selectFrom('users').select('is_profile_spreading').where('id', '=', userId).executeTakeFirstOrThrow())
    .is_profile_spreading

const renamed = (userId: string, name: string) => server.caller(userId).user.update({ name })

describe('a changed profile', () => {
  test('of a user in many rooms holds up nobody else’s', async () => {
    // Fifteen turns of ten rooms: the other one’s comes after the first of them.
    const many = 150
    const [everywhere, quiet] = [await userIn(many), await userIn(1)]
    await renamed(everywhere, 'Everywhere')
    await renamed(quiet, 'Quiet')
    await expect.poll(() => roomsShowing(quiet, 'Quiet'), { interval: 5, timeout: 15_000 }).toBe(1)
    expect(await isUnderWay(everywhere)).toBe(true)
    expect(await roomsShowing(everywhere, 'Everywhere')).toBeLessThan(many)

    // The later of two changes ends up in every room, whatever the earlier one had reached.
    await renamed(everywhere, 'Everywhere at once')
    await server.app.services.profiles.settled()
    expect(await roomsShowing(everywhere, 'Everywhere at once')).toBe(many)
    expect([await isUnderWay(everywhere), await isUnderWay(quiet)]).toEqual([false, false])
  }, 60_000)

  test('that does not fit into the queue is found again by a poll', async () => {
    const ids = Array.from({ length: 1_100 }, (_, index) => `many-${index}`)
    const users = ids.map((id) => ({
      tenant_id: 'default',
      id,
      name: id,
      is_profile_spreading: true,
      updated_at: new Date(),
    }))
    await db().insertInto('users').values(users).execute()
    const left = async () =>
      (await db().selectFrom('users').select('id').where('is_profile_spreading', '=', true).execute()).length
    const { database, bus } = server.app.services
    const spreader = new ProfilePropagator({ database, bus }, pino({ level: 'silent' }), new AbortController().signal)
    for (const id of ids) spreader.propagate('default', id)
    await spreader.settled()
    expect(await left()).toBeGreaterThan(0)
    expect(await left()).toBeLessThanOrEqual(100)
    await spreader.reconcile()
    await spreader.settled()
    expect(await left()).toBe(0)
  }, 60_000)
})
