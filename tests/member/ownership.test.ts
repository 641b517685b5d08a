import { describe, expect, test } from 'vitest'
import { useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const NAMES = ['ada', 'ben', 'cleo', 'dov']

async function channelOf(...names: string[]): Promise<string> {
  for (const name of NAMES) await server.caller(name).auth.me()
  const [owner = '', ...memberIds] = names
  return (await server.caller(owner).room.create({ kind: 'channel', name: 'Engine room', memberIds })).id
}

const rolesIn = async (roomId: string) => {
  const { items } = await server.caller('host', { role: 'service' }).member.list({ roomId })
  return Object.fromEntries(items.map((member) => [member.userId, member.role]))
}

describe('a room’s ownership', () => {
  test('is handed over by naming another owner; the old one becomes an admin', async () => {
    const roomId = await channelOf('ada', 'ben')
    const ada = await server.connect('ada')
    const heir = await ada.member.setRole.mutate({ roomId, userId: 'ben', role: 'owner' })
    expect(heir).toMatchObject({ userId: 'ben', role: 'owner' })
    expect(await rolesIn(roomId)).toEqual({ ada: 'admin', ben: 'owner' })
    await expect(ada.room.delete.mutate({ roomId })).rejects.toMatchObject({ data: { reason: 'FORBIDDEN' } })
    await ada.room.leave.mutate({ roomId })
    expect(await rolesIn(roomId)).toEqual({ ben: 'owner' })
  })

  test('is one member’s, whatever is handed over, left and taken away at once', async () => {
    const host = server.caller('host', { role: 'service' })
    for (let round = 0; round < 10; round++) {
      const roomId = await channelOf(...NAMES)
      const { member } = server.caller('ada')
      const results = await Promise.allSettled([
        ...NAMES.slice(1).map((userId) => member.setRole({ roomId, userId, role: 'owner' })),
        ...NAMES.slice(1).map((userId) => host.member.setRole({ roomId, userId, role: 'owner' })),
        server.caller('ben').room.leave({ roomId }),
        host.member.remove({ roomId, userId: 'cleo' }),
      ])
      for (const result of results) {
        if (result.status === 'fulfilled') continue
        expect(['FORBIDDEN', 'NOT_FOUND', 'LAST_OWNER']).toContain(result.reason.reason)
      }
      expect(Object.values(await rolesIn(roomId)).filter((role) => role === 'owner')).toHaveLength(1)
    }
  })

  test('of a room that its last owner left falls to whoever comes first', async () => {
    const roomId = await channelOf('ada')
    await server.caller('ada').room.leave({ roomId })
    const joins = ['ben', 'cleo', 'dov'].map((name) => server.caller(name).room.join({ roomId }))
    const joined = await Promise.all(joins)
    const [first] = joined.toSorted((a, b) => a.seq - b.seq)
    expect(await rolesIn(roomId)).toMatchObject({ [first?.userId ?? '']: 'owner' })
    expect(Object.values(await rolesIn(roomId)).toSorted()).toEqual(['member', 'member', 'owner'])
  })

  test('of an empty room falls to the first of those whom the host application adds', async () => {
    const roomId = await channelOf('ada')
    await server.caller('ada').room.leave({ roomId })
    await server.caller('host', { role: 'service' }).member.add({ roomId, userIds: ['dov', 'ben', 'ada'] })
    expect(await rolesIn(roomId)).toEqual({ dov: 'owner', ben: 'member', ada: 'member' })
  })

  test('stays where it is when the one who had it comes back to others', async () => {
    const roomId = await channelOf('ada', 'ben')
    await server.caller('ada').member.setRole({ roomId, userId: 'ben', role: 'owner' })
    await server.caller('ada').room.leave({ roomId })
    expect(await server.caller('ada').room.join({ roomId })).toMatchObject({ role: 'member' })
  })
})
