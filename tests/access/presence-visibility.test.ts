import { describe, expect, test } from 'vitest'
import type { ChatClient, Presence } from '../../shared/index.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const HIDDEN = { status: 'offline', text: null, lastSeenAt: null }

/** A user who was here before and is here again, and shows a text. */
async function comeAgain(userId: string): Promise<ChatClient> {
  const client = await server.connect(userId)
  await client.presence.set.mutate({ status: 'busy', text: 'In a meeting' })
  const { db } = server.app.services.database
  await db.updateTable('users').set({ last_seen_at: new Date() }).where('id', '=', userId).execute()
  return client
}

const seenBy = async (viewer: string, userId: string, role: 'user' | 'service' = 'user') => {
  const caller = server.caller(viewer, { role })
  const [presence] = await caller.presence.get({ userIds: [userId] })
  const { lastSeenAt } = await caller.user.get({ userId })
  const listed = (await caller.user.list({ query: userId })).items.find((user) => user.id === userId)
  return { ...presence, inUser: lastSeenAt, inList: listed?.lastSeenAt }
}

const shown = {
  status: 'busy',
  text: 'In a meeting',
  lastSeenAt: expect.any(Date),
  inUser: expect.any(Date),
  inList: expect.any(Date),
}
const nowhere = { ...HIDDEN, inUser: null, inList: null }

async function until(stream: AsyncIterator<Presence[]>, isIt: (presence: Presence) => boolean): Promise<Presence> {
  while (true) {
    const presence = (await stream.next()).value?.find(isIt)
    if (presence) return presence
  }
}

describe('presence is seen', () => {
  test('by everyone, unless the user chooses otherwise', async () => {
    await comeAgain('ada')
    expect(await seenBy('stranger', 'ada')).toMatchObject(shown)
  })

  test('by those who share a room, for as long as they do', async () => {
    const ben = await comeAgain('ben')
    await ben.preferences.update.mutate({ presenceVisibility: 'rooms' })
    await server.caller('cleo').auth.me()
    const [room, other] = [
      await server.caller('ben').room.create({ kind: 'group', name: 'One', memberIds: ['cleo'] }),
      await server.caller('ben').room.create({ kind: 'group', name: 'Two', memberIds: ['cleo'] }),
    ]
    expect(await seenBy('cleo', 'ben')).toMatchObject(shown)
    expect(await seenBy('stranger', 'ben')).toMatchObject(nowhere)
    await server.caller('cleo').room.leave({ roomId: room.id })
    expect(await seenBy('cleo', 'ben')).toMatchObject(shown)
    await server.caller('ben').room.delete({ roomId: other.id })
    expect(await seenBy('cleo', 'ben')).toMatchObject(nowhere)
    expect(await server.caller('ben', { tenant: 'elsewhere' }).presence.get({ userIds: ['ben'] })).not.toMatchObject([
      shown,
    ])
  })

  test('by nobody but the user and the host application', async () => {
    const dov = await comeAgain('dov')
    await dov.preferences.update.mutate({ presenceVisibility: 'nobody' })
    await server.caller('eve').auth.me()
    await dov.room.create.mutate({ kind: 'group', name: 'One', memberIds: ['eve'] })
    expect(await seenBy('eve', 'dov')).toMatchObject(nowhere)
    expect(await seenBy('dov', 'dov')).toMatchObject(shown)
    expect(await seenBy('host', 'dov', 'service')).toMatchObject(shown)
    expect((await dov.auth.me.query()).user.lastSeenAt).toEqual(expect.any(Date))
  })

  test('in a stream until it is hidden; then nothing is told, not even that something happened', async () => {
    const fay = await comeAgain('fay')
    const gil = await server.connect('gil')
    await gil.auth.me.query()
    const room = await fay.room.create.mutate({ kind: 'group', name: 'One', memberIds: ['gil'] })
    const streams = [
      gil.presence.onChange.subscribe({ userIds: ['fay', 'gil'] }),
      gil.presence.onChange.subscribe({ roomId: room.id }),
    ]
    const isFay = ({ userId }: Presence) => userId === 'fay'
    for (const stream of streams)
      expect(await until(stream, isFay)).toMatchObject({ status: 'busy', lastSeenAt: expect.any(Date) })
    await fay.preferences.update.mutate({ presenceVisibility: 'nobody' })
    for (const stream of streams) expect(await until(stream, isFay)).toMatchObject(HIDDEN)
    await fay.presence.set.mutate({ status: 'away', text: 'Still here' })
    await fay.presence.set.mutate({ status: 'online' })
    await gil.presence.set.mutate({ status: 'away' })
    // The next thing that is said is about another one.
    for (const stream of streams) expect((await stream.next()).value).toMatchObject([{ userId: 'gil', status: 'away' }])
    await fay.preferences.update.mutate({ presenceVisibility: 'rooms' })
    for (const stream of streams) {
      expect(await until(stream, isFay)).toMatchObject({ status: 'online', text: 'Still here' })
      await stream.return?.()
    }
  })
})
