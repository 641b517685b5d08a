import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const host = () => server.caller('host', { role: 'service' })

const { roomOf } = server

describe('the audit log', () => {
  test('tells every moderating act once, latest first, and what changed nothing not at all', async () => {
    const roomId = await roomOf('ada', 'ben', 'cleo')
    const ada = server.caller('ada')
    const say = (name: string) => server.caller(name).message.send({ roomId, clientId: newId(), content: 'Hello' })
    const [own, bens] = [await say('ada'), await say('ben')]
    await ada.message.delete({ roomId, messageId: own.id })
    await ada.message.delete({ roomId, messageId: bens.id })
    const { position } = await ada.room.update({ roomId, name: 'Boiler room', meta: { deck: 1, side: 'port' } })
    const again = {
      name: 'Boiler room',
      description: '',
      isPrivate: true,
      slowModeSeconds: 0,
      meta: { side: 'port', deck: 1 },
    }
    expect(await ada.room.update({ roomId, historyVisibility: 'all', ...again })).toMatchObject({ position })
    await ada.room.update({ roomId })
    for (const act of [ada.room.freeze, ada.room.freeze, ada.room.unfreeze]) await act({ roomId })
    for (const act of [ada.room.archive, ada.room.unarchive, ada.room.unarchive]) await act({ roomId })
    await ada.member.setRole({ roomId, userId: 'ben', role: 'moderator' })
    await ada.member.setRole({ roomId, userId: 'ben', role: 'moderator' })
    for (const { member } of ['ben', 'ada'].map((name) => server.caller(name))) {
      await member.mute({ roomId, userId: 'cleo', reason: 'Loud' })
    }
    for (const unmute of [1, 2].map(() => ada.member.unmute)) await unmute({ roomId, userId: 'cleo' })
    for (const ban of [1, 2].map(() => ada.member.ban)) await ban({ roomId, userId: 'cleo', reason: 'Louder' })
    for (const unban of [1, 2].map(() => ada.member.unban)) await unban({ roomId, userId: 'cleo' })
    await ada.member.remove({ roomId, userId: 'ben', reason: 'Enough' })
    const filter = { roomId, words: [{ pattern: 'darn', action: 'mask' as const }] }
    expect(await ada.wordFilter.update(filter)).toEqual(await ada.wordFilter.update(filter))
    await server.caller('cleo').room.discover()

    const { items } = await ada.audit.list({ roomId })
    expect(items.map(({ actorId, action, userId, detail }) => [actorId, action, userId, detail]).toReversed()).toEqual([
      [
        'ada',
        'room.create',
        null,
        { kind: 'group', name: 'Engine room', isPrivate: true, ownerId: 'ada', memberIds: ['ben', 'cleo'] },
      ],
      ['ada', 'message.delete', 'ben', {}],
      ['ada', 'room.update', null, { name: 'Boiler room', meta: { deck: 1, side: 'port' } }],
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
      ['ada', 'wordFilter.update', null, { words: 1 }],
    ])
    expect(items.find(({ action }) => action === 'message.delete')).toMatchObject({ messageId: bens.id, roomId })
    // An action whose rows have an older spelling is found by its name.
    expect((await ada.audit.list({ roomId, action: 'wordFilter.update' })).items).toHaveLength(1)
    await ada.room.delete({ roomId })
    expect((await host().audit.list({ action: 'room.delete' })).items).toMatchObject([
      { actorId: 'ada', roomId, detail: { name: 'Boiler room' } },
    ])
  })

  test('tells who was brought in, by whom and by which invite', async () => {
    const roomId = await roomOf('ada', 'ben')
    for (const name of ['cleo', 'dov', 'eve']) await server.caller(name).auth.me()
    const ada = server.caller('ada')
    await ada.member.add({ roomId, userIds: ['cleo', 'ben', 'dov'] })
    await ada.member.add({ roomId, userIds: ['cleo'] })
    const expiresAt = new Date(Date.now() + 60_000)
    const { id: inviteId, code: inviteCode } = await ada.invite.create({ roomId, maxUses: 5, expiresAt })
    await server.caller('eve').room.join({ inviteCode })
    await server.caller('eve').room.join({ inviteCode })
    await server.caller('helper', { role: 'service' }).auth.me()
    await server.caller('helper', { role: 'service' }).room.join({ roomId })
    for (const revoke of [1, 2].map(() => host().invite.revoke)) {
      expect(await revoke({ roomId, inviteId })).toMatchObject({ id: inviteId, revokedAt: expect.any(Date) })
    }
    const { items } = await ada.audit.list({ roomId })
    expect(items.map(({ actorId, action, userId, detail }) => [actorId, action, userId, detail]).toReversed()).toEqual([
      ['ada', 'room.create', null, expect.objectContaining({ memberIds: ['ben'] })],
      ['ada', 'member.add', 'cleo', {}],
      ['ada', 'member.add', 'dov', {}],
      ['ada', 'invite.create', null, { inviteId, maxUses: 5, expiresAt: expiresAt.toISOString() }],
      ['eve', 'room.join', 'ada', { inviteId }],
      ['helper', 'member.add', 'helper', {}],
      ['host', 'invite.revoke', 'ada', { inviteId }],
    ])
  })

  test('tells what a service says in somebody’s name, makes of their words, and who pins what', async () => {
    const roomId = await roomOf('ada', 'ben')
    const [ada, ben] = [server.caller('ada'), server.caller('ben')]
    const { message } = host()
    const say = (more: { threadId?: string; mentions?: string[]; clientId?: string } = {}) =>
      message.send({ roomId, clientId: newId(), content: 'Said by a bot', asUserId: 'ben', ...more })
    const clientId = newId()
    const root = await say({ clientId })
    await say({ clientId })
    const reply = await say({ threadId: root.id })
    const mention = await say({ mentions: ['ada'] })
    // What people say themselves is no act of this kind, whatever it shares a statement with.
    const own = () => ben.message.send({ roomId, clientId: newId(), content: 'My own words', mentions: ['ada'] })
    const [theirs, last, bens] = await Promise.all([own(), say(), own()])
    await message.edit({ roomId, messageId: bens.id, content: 'Other words', mentions: [] })
    await message.edit({ roomId, messageId: bens.id, content: 'Other words' })
    await ben.message.edit({ roomId, messageId: theirs.id, content: 'My own, better words' })
    for (const act of [ada.message.pin, ada.message.pin, ada.message.unpin, ada.message.unpin]) {
      await act({ roomId, messageId: bens.id })
    }
    await ben.room.leave({ roomId })
    await expect(say()).rejects.toMatchObject({ reason: 'NOT_A_MEMBER' })
    const { items } = await ada.audit.list({ roomId })
    expect(
      items
        .map(({ actorId, action, userId, messageId, detail }) => [actorId, action, userId, messageId, detail])
        .toReversed(),
    ).toEqual([
      ['ada', 'room.create', null, null, expect.anything()],
      ['host', 'message.send', 'ben', root.id, {}],
      ['host', 'message.send', 'ben', reply.id, {}],
      ['host', 'message.send', 'ben', mention.id, {}],
      ['host', 'message.send', 'ben', last.id, {}],
      ['host', 'message.edit', 'ben', bens.id, { mentions: [], mentionsRoom: false }],
      ['ada', 'message.pin', 'ben', bens.id, {}],
      ['ada', 'message.unpin', 'ben', bens.id, {}],
    ])
  })

  test('tells who was signed out by a service, and not who signed out', async () => {
    await server.caller('fay').auth.me()
    await server.caller('fay').auth.revokeAll()
    await host().auth.revokeAll({ userId: 'fay' })
    expect((await host().audit.list({ action: 'auth.revokeAll' })).items).toMatchObject([
      { actorId: 'host', userId: 'fay', roomId: null },
    ])
  })

  test.each(['message.send', 'member.add', 'message.pin', 'message.edit', 'invite.create'] as const)(
    'a %s that can not be written down is not done',
    async (action) => {
      const roomId = await roomOf('ada', 'ben')
      await server.caller('cleo').auth.me()
      const { id: messageId } = await server
        .caller('ben')
        .message.send({ roomId, clientId: newId(), content: 'Untouched' })
      const acts: Record<typeof action, () => Promise<unknown>> = {
        'message.send': () =>
          host().message.send({ roomId, clientId: newId(), content: 'In your name', asUserId: 'ben' }),
        'member.add': () => server.caller('ada').member.add({ roomId, userIds: ['cleo'] }),
        'message.pin': () => server.caller('ada').message.pin({ roomId, messageId }),
        'message.edit': () => host().message.edit({ roomId, messageId, content: 'Edited' }),
        'invite.create': () => server.caller('ada').invite.create({ roomId }),
      }
      const { db } = server.app.services.database
      const before = await server.caller('ada').room.snapshot({ roomId })
      await sql.raw(`alter table audit_log add constraint refused check (action <> '${action}') not valid`).execute(db)
      try {
        await expect(acts[action]()).rejects.toMatchObject({ reason: 'INTERNAL' })
      } finally {
        await sql`alter table audit_log drop constraint refused`.execute(db)
      }
      expect(await server.caller('ada').room.snapshot({ roomId })).toEqual(before)
      expect((await server.caller('ada').invite.list({ roomId })).items).toEqual([])
    },
  )

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
