import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const host = () => server.caller('host', { role: 'service' })

async function roomOf(...names: string[]): Promise<string> {
  for (const name of names) await server.caller(name).auth.me()
  const [owner = '', ...memberIds] = names
  return (await server.caller(owner).room.create({ kind: 'group', name: 'Engine room', memberIds })).id
}

describe('the audit log', () => {
  test('tells every moderating act once, latest first, and what changed nothing not at all', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    const ada = server.caller('ada')
    const say = (name: string) => server.caller(name).message.send({ roomId, clientId: newId(), content: 'Hello' })
    const [own, bens] = [await say('ada'), await say('ben')]
    await ada.message.delete({ roomId, messageId: own.id })
    await ada.message.delete({ roomId, messageId: bens.id })
    await ada.room.update({ roomId, name: 'Boiler room' })
    await ada.room.update({ roomId })
    for (const act of [ada.room.freeze, ada.room.freeze, ada.room.unfreeze]) await act({ roomId })
    for (const act of [ada.room.archive, ada.room.unarchive, ada.room.unarchive]) await act({ roomId })
    await ada.member.setRole({ roomId, userId: 'ben', role: 'moderator' })
    await ada.member.setRole({ roomId, userId: 'ben', role: 'moderator' })
    await server.caller('ben').member.mute({ roomId, userId: 'cleo', reason: 'Loud' })
    for (const unmute of [1, 2].map(() => ada.member.unmute)) await unmute({ roomId, userId: 'cleo' })
    await ada.member.ban({ roomId, userId: 'cleo', reason: 'Louder' })
    for (const unban of [1, 2].map(() => ada.member.unban)) await unban({ roomId, userId: 'cleo' })
    await ada.member.remove({ roomId, userId: 'ben', reason: 'Enough' })
    await ada.filter.update({ roomId, words: [{ pattern: 'darn', action: 'mask' }] })
    await server.caller('cleo').room.discover()

    const { items } = await ada.audit.list({ roomId })
    expect(items.map(({ actorId, action, userId, detail }) => [actorId, action, userId, detail]).toReversed()).toEqual([
      ['ada', 'room.create', null, { kind: 'group', name: 'Engine room', isPrivate: true, ownerId: 'ada' }],
      ['ada', 'message.delete', 'ben', {}],
      ['ada', 'room.update', null, { name: 'Boiler room' }],
      ['ada', 'room.freeze', null, {}],
      ['ada', 'room.unfreeze', null, {}],
      ['ada', 'room.archive', null, {}],
      ['ada', 'room.unarchive', null, {}],
      ['ada', 'member.setRole', 'ben', { from: 'member', to: 'moderator' }],
      ['ben', 'member.mute', 'cleo', { reason: 'Loud' }],
      ['ada', 'member.unmute', 'cleo', {}],
      ['ada', 'member.ban', 'cleo', { reason: 'Louder' }],
      ['ada', 'member.unban', 'cleo', {}],
      ['ada', 'member.remove', 'ben', { reason: 'Enough' }],
      ['ada', 'filter.update', null, { words: 1 }],
    ])
    expect(items.find(({ action }) => action === 'message.delete')).toMatchObject({ messageId: bens.id, roomId })
    await ada.room.delete({ roomId })
    expect((await host().audit.list({ action: 'room.delete' })).items).toMatchObject([
      { actorId: 'ada', roomId, detail: { name: 'Boiler room' } },
    ])
  })

  test('is of a tenant, and can be asked by room, actor and act, page by page', async () => {
    const [first, second] = [await roomOf('dov', 'eve'), await roomOf('eve', 'dov')]
    for (const roomId of [first, second]) {
      const owner = server.caller(roomId === first ? 'dov' : 'eve')
      for (const name of ['One', 'Two', 'Three']) await owner.room.update({ roomId, name })
    }
    const dov = await server.connect('dov')
    const page = await dov.audit.list.query({ roomId: first, action: 'room.update', limit: 2 })
    const rest = await dov.audit.list.query({
      roomId: first,
      action: 'room.update',
      limit: 2,
      cursor: page.nextCursor ?? '',
    })
    expect([...page.items, ...rest.items].map(({ detail }) => detail['name'])).toEqual(['Three', 'Two', 'One'])
    expect(rest.nextCursor).toBeNull()
    await expect(dov.audit.list.query({ roomId: second })).rejects.toMatchObject({ data: { reason: 'FORBIDDEN' } })
    const ofEve = (await host().audit.list({ actorId: 'eve', action: 'room.update' })).items
    expect(ofEve.map(({ roomId }) => roomId)).toEqual([second, second, second])
    const elsewhere = server.caller('host', { role: 'service', tenant: 'elsewhere' })
    expect((await elsewhere.audit.list()).items).toEqual([])
  })

  test('is written with the act or not at all', async () => {
    const roomId = await roomOf('ada', 'ben')
    const { db } = server.app.services.database
    await sql`alter table audit_log add constraint refused check (action <> 'member.remove') not valid`.execute(db)
    try {
      const remove = server.caller('ada').member.remove({ roomId, userId: 'ben' })
      await expect(remove).rejects.toMatchObject({ reason: 'INTERNAL' })
    } finally {
      await sql`alter table audit_log drop constraint refused`.execute(db)
    }
    expect((await server.caller('ada').room.get({ roomId })).memberCount).toBe(2)
  })

  test.each(['update audit_log set actor_id = $$nobody$$', 'delete from audit_log', 'truncate audit_log'])(
    'the database refuses to %s',
    async (statement) => {
      const roomId = await roomOf('ada', 'ben')
      const before = await server.caller('ada').audit.list({ roomId })
      expect(before.items).not.toEqual([])
      const { db } = server.app.services.database
      await expect(sql.raw(statement).execute(db)).rejects.toThrow('append-only')
      expect(await server.caller('ada').audit.list({ roomId })).toEqual(before)
    },
  )
})
