import { describe, expect, test } from 'vitest'
import { LIMITS, type Presence } from '../../shared/index.ts'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp({}, { presenceLeaseMs: 300 })

const statusOf = (presences: Presence[] | undefined, userId: string) =>
  presences?.find((presence) => presence.userId === userId)?.status

describe('presence', () => {
  test('follows connections: online with the first, offline some time after the last, with the time kept', async () => {
    const ada = await server.connect('ada')
    const ben = await server.connect('ben')
    await ben.auth.me.query()
    const room = await ada.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const changes = ada.presence.onChange.subscribe({ roomId: room.id })
    const all = (await changes.next()).value
    expect(statusOf(all, 'ada')).toBe('online')
    expect(statusOf(all, 'ben')).toBe('online')

    await ben.presence.set.mutate({ status: 'busy', text: 'In a meeting' })
    expect((await changes.next()).value).toMatchObject([{ userId: 'ben', status: 'busy', text: 'In a meeting' }])
    await ben.presence.set.mutate({ status: 'invisible' })
    expect((await changes.next()).value).toMatchObject([{ userId: 'ben', status: 'offline', text: null }])
    await ben.presence.set.mutate({ status: 'online' })
    await changes.next()

    await ben.close()
    expect((await changes.next()).value).toMatchObject([
      { userId: 'ben', status: 'offline', lastSeenAt: expect.any(Date) },
    ])
    expect(await ada.presence.get.query({ userIds: ['ben', 'nobody'] })).toMatchObject([
      { userId: 'ben', status: 'offline' },
    ])
    await changes.return?.()
  })

  test('a short reconnect is not an offline and online', async () => {
    const ada = await server.connect('ada')
    const first = await server.connect('cleo')
    await first.auth.me.query()
    const changes = ada.presence.onChange.subscribe({ userIds: ['cleo'] })
    expect(statusOf((await changes.next()).value, 'cleo')).toBe('online')
    await first.close()
    const second = await server.connect('cleo')
    await second.presence.set.mutate({ status: 'away' })
    // The next thing that is said is what was set: nothing came between.
    expect((await changes.next()).value).toMatchObject([{ userId: 'cleo', status: 'away' }])
    await changes.return?.()
  })

  test('a room’s newcomers are followed, and those who left are not', async () => {
    const ada = await server.connect('ada')
    const dov = await server.connect('dov')
    await dov.auth.me.query()
    const room = await ada.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const changes = ada.presence.onChange.subscribe({ roomId: room.id })
    expect((await changes.next()).value).toMatchObject([{ userId: 'ada' }])
    await ada.member.add.mutate({ roomId: room.id, userIds: ['dov'] })
    expect((await changes.next()).value).toMatchObject([{ userId: 'dov', status: 'online' }])
    await ada.member.remove.mutate({ roomId: room.id, userId: 'dov' })
    await dov.presence.set.mutate({ status: 'busy' })
    await ada.presence.set.mutate({ status: 'away' })
    expect((await changes.next()).value).toMatchObject([{ userId: 'ada', status: 'away' }])
    await changes.return?.()
  })

  test('has many watchers: each is told each change once, and those who went are kept nowhere', async () => {
    const WATCHERS = 100
    const eve = await server.connect('eve')
    await eve.auth.me.query()
    await server.caller('host', { role: 'service' }).user.upsert({ id: 'fay', name: 'Fay' })
    const told = Array.from({ length: WATCHERS }, () => new Array<string>())
    const endings = told.map(() => new AbortController())
    const watch = async (index: number) => {
      const { signal } = endings[index] ?? new AbortController()
      const watcher = server.app.createCaller({ userId: 'fay' }, { signal })
      for await (const presences of await watcher.presence.onChange({ userIds: ['eve'] })) {
        told[index]?.push(...presences.map(({ status }) => status))
      }
    }
    const watching = told.map((_, index) => watch(index))
    const allAreTold = (...statuses: string[]) =>
      expect.poll(() => told.every((heard) => heard.join() === statuses.join())).toBe(true)
    await allAreTold('online')
    await eve.presence.set.mutate({ status: 'busy' })
    await allAreTold('online', 'busy')

    const gone = WATCHERS / 2
    for (const ending of endings.slice(0, gone)) ending.abort()
    await Promise.all(watching.slice(0, gone))
    await eve.presence.set.mutate({ status: 'away' })
    const heardBy = (from: number, to: number) => new Set(told.slice(from, to).map((statuses) => statuses.join()))
    await expect.poll(() => heardBy(gone, WATCHERS)).toEqual(new Set(['online,busy,away']))
    expect(heardBy(0, gone)).toEqual(new Set(['online,busy']))
    for (const ending of endings) ending.abort()
    await Promise.all(watching)
  })

  test('of a room ends where it has become a large one', async () => {
    const ada = await server.connect('ada')
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const changes = ada.presence.onChange.subscribe({ roomId })
    await changes.next()
    const host = server.caller('host', { role: 'service' })
    const crowd = Array.from({ length: LIMITS.smallRoom }, (_, index) => `guest-${index}`)
    for (const id of crowd) await host.user.upsert({ id, name: id })
    for (let from = 0; from < crowd.length; from += LIMITS.userIds) {
      await host.member.add({ roomId, userIds: crowd.slice(from, from + LIMITS.userIds) })
    }
    const end = async () => {
      for await (const _ of changes);
    }
    await expect(end()).rejects.toMatchObject({ data: { reason: 'LARGE_ROOM' } })
    await expect(ada.presence.onChange.subscribe({ roomId }).next()).rejects.toMatchObject({
      data: { reason: 'LARGE_ROOM' },
    })
  }, 30_000)
})
