import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { raced } from '../support/raced.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const host = () => server.caller('host', { role: 'service' })

/** Ada owns the room, which is private; Ben and Cleo moderate it, and each has made an invite. */
async function furnish() {
  const names = ['ada', 'ben', 'cleo']
  for (const name of names) await server.caller(name).auth.me()
  const { id: roomId } = await server
    .caller('ada')
    .room.create({ kind: 'group', name: 'Engine room', memberIds: names.slice(1) })
  for (const userId of ['ben', 'cleo']) await server.caller('ada').member.setRole({ roomId, userId, role: 'moderator' })
  const bens = await server.caller('ben').invite.create({ roomId })
  const cleos = await server.caller('cleo').invite.create({ roomId })
  return { roomId, bens, cleos }
}

type Ids = Awaited<ReturnType<typeof furnish>>

/** A report of something that Ben said. */
async function reported({ roomId }: Ids) {
  const { id: messageId } = await server.caller('ben').message.send({ roomId, clientId: newId(), content: 'Buy now' })
  const { id: reportId } = await server.caller('ada').report.create({ roomId, messageId, reason: 'spam' })
  return { roomId, reportId }
}

const ben = { userId: 'ben' }
const WAYS: [way: string, actor: string, end: (ids: Ids) => Promise<unknown>][] = [
  ['member.remove', 'ada', ({ roomId }) => server.caller('ada').member.remove({ roomId, ...ben })],
  ['member.ban', 'ada', ({ roomId }) => server.caller('ada').member.ban({ roomId, ...ben })],
  ['member.remove by a service', 'host', ({ roomId }) => host().member.remove({ roomId, ...ben })],
  [
    'report.resolve with removeMember',
    'ada',
    async (ids) => server.caller('ada').report.resolve({ ...(await reported(ids)), action: 'removeMember' }),
  ],
  [
    'report.resolve with banMember',
    'ada',
    async (ids) => server.caller('ada').report.resolve({ ...(await reported(ids)), action: 'banMember' }),
  ],
  ['a demotion', 'ada', ({ roomId }) => server.caller('ada').member.setRole({ roomId, ...ben, role: 'member' })],
  ['room.leave', 'ben', ({ roomId }) => server.caller('ben').room.leave({ roomId })],
]

describe('the invites of one who may not invite any more', () => {
  test.each(WAYS)('end with %s, and nobody else’s', async (_, actor, end) => {
    const ids = await furnish()
    const { roomId, bens, cleos } = ids
    await end(ids)
    await server.caller('dov').auth.me()
    for (const name of ['dov', 'ben']) {
      const { room, invite } = server.caller(name)
      if (name === 'dov' || actor !== 'ada') {
        await expect(invite.preview({ inviteCode: bens.code })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
      }
      const isInside = (await server.caller('ada').member.list({ roomId })).items.some(({ userId }) => userId === name)
      if (!isInside) await expect(room.join({ inviteCode: bens.code })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    }
    const { items } = await server.caller('ada').invite.list({ roomId })
    expect(items.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id)).toEqual([cleos.id])
    const told = await server.caller('ada').audit.list({ roomId, action: 'invite.revoke' })
    expect(told.items).toMatchObject([{ actorId: actor, userId: 'ben', detail: { inviteId: bens.id } }])
    expect(await server.caller('dov').room.join({ inviteCode: cleos.code })).toMatchObject({ userId: 'dov' })
  })

  test('stay with a role that may invite, and what was good no longer stays as it is', async () => {
    const { roomId, bens } = await furnish()
    const { member, invite, audit } = server.caller('ada')
    await member.setRole({ roomId, userId: 'ben', role: 'admin' })
    await member.setRole({ roomId, userId: 'ben', role: 'moderator' })
    const [used, expired] = [
      await server.caller('ben').invite.create({ roomId, maxUses: 1 }),
      await server.caller('ben').invite.create({ roomId, expiresAt: new Date(Date.now() + 60_000) }),
    ]
    await server.caller('eve').auth.me()
    await server.caller('eve').room.join({ inviteCode: used.code })
    const { db } = server.app.services.database
    await sql`update invites set expires_at = now() - interval '1 second' where id = ${expired.id}`.execute(db)
    expect((await audit.list({ roomId, action: 'invite.revoke' })).items).toEqual([])
    await member.remove({ roomId, userId: 'ben' })
    const revoked = (await invite.list({ roomId })).items.filter(({ revokedAt }) => revokedAt)
    expect(revoked.map(({ id }) => id)).toEqual([bens.id])
    expect((await audit.list({ roomId, action: 'invite.revoke' })).items).toHaveLength(1)
  })

  test('let nobody in who comes at the same moment but after it', async () => {
    const { roomId, bens } = await furnish()
    await server.caller('fay').auth.me()
    const [removal, join] = await raced(
      server.database.url,
      roomId,
      () => server.caller('ada').member.remove({ roomId, userId: 'ben' }),
      () => server.caller('fay').room.join({ inviteCode: bens.code }),
    )
    expect(removal?.status).toBe('fulfilled')
    expect(join).toMatchObject({ status: 'rejected', reason: { reason: 'NOT_FOUND' } })
  })
})
