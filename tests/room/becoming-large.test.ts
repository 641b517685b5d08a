import { expect, test } from 'vitest'
import { applyRoomEvent, LIMITS, type RoomState } from '../../shared/index.ts'
import { RoomFollower } from '../support/room-follower.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const ada = () => server.caller('ada')

/** Folds everything since a state into it, page by page. */
async function caughtUp(state: RoomState): Promise<RoomState> {
  let folded = state
  while (true) {
    const { events, more } = await ada().room.changes({ roomId: state.room.id, after: folded.position, limit: 100 })
    folded = events.reduce(applyRoomEvent, folded)
    if (!more) return folded
  }
}

test('a room that becomes large under its streams: each folds to what a new snapshot gives, then without members', async () => {
  const host = server.caller('host', { role: 'service' })
  const crowd = Array.from({ length: LIMITS.smallRoom - 1 }, (_, index) => `guest-${index}`)
  await Promise.all([...crowd, 'ada', 'ben'].map((id) => host.user.upsert({ id, name: id })))
  const { id: roomId } = await ada().room.create({ kind: 'channel', name: 'Market', memberIds: ['ben'] })
  const followers = ['ada', 'ben'].map(
    (userId) => new RoomFollower((signal) => server.app.createCaller({ userId }, { signal }), roomId),
  )
  for (const follower of followers) await follower.connect()
  const [before] = followers.map(({ state }) => state)
  if (!before) throw new Error('Nobody follows the room')
  /** While they come, there is talk. */
  const add = (userIds: string[]) =>
    Promise.all([
      host.member.add({ roomId, userIds }),
      ada().message.send({ roomId, clientId: newId(), content: 'Come in' }),
    ])
  const allReach = async () => {
    const fresh = await ada().room.snapshot({ roomId, messages: 100 })
    for (const follower of followers) {
      await follower.reaches(fresh.position)
      expect(follower.state).toEqual(fresh)
    }
    return fresh
  }

  const [last = '', ...others] = crowd
  for (let from = 0; from < others.length; from += LIMITS.userIds) await add(others.slice(from, from + LIMITS.userIds))
  const full = await allReach()
  expect([full.members.length, full.room.isLarge]).toEqual([LIMITS.smallRoom, false])
  await add([last])
  const large = await allReach()
  expect([large.members, large.room.isLarge, large.room.memberCount]).toEqual([[], true, LIMITS.smallRoom + 1])

  // It is large for good, also to somebody who comes back to it from before.
  for (const follower of followers) await follower.disconnect()
  await ada().member.remove({ roomId, userId: last })
  for (const follower of followers) await follower.connect()
  const later = await allReach()
  expect([later.members, later.room.isLarge]).toEqual([[], true])
  for (const state of [before, full, large]) expect(await caughtUp(state)).toEqual(later)
  for (const follower of followers) await follower.disconnect()
}, 30_000)
