import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { RATE_LIMITS } from '../../server/rpc/rate-limits.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

async function groupOf(...names: string[]): Promise<string> {
  for (const name of names) await server.caller(name).auth.me()
  const [owner = '', ...memberIds] = names
  return (await server.caller(owner).room.create({ kind: 'group', name: 'Engine room', memberIds })).id
}

/** As many people who are in no room yet. */
async function newcomers(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `n-${newId()}`)
  await Promise.all(names.map((name) => server.caller(name).auth.me()))
  return names
}

const usesOf = async (roomId: string) => (await server.caller('ada').invite.list({ roomId })).items[0]?.uses

const reasonOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'rejected' ? result.reason.reason : 'joined'

describe('an invite', () => {
  test('brings somebody into a private group, over a socket, and the members see it', async () => {
    const roomId = await groupOf('ada')
    const [ada, ben] = [await server.connect('ada'), await server.connect('ben')]
    const invite = await ada.invite.create.mutate({ roomId })
    expect(invite).toMatchObject({ roomId, createdBy: 'ada', expiresAt: null, maxUses: null, uses: 0, revokedAt: null })
    expect(invite.code).toMatch(/^[\w-]{22}$/)
    expect(await ben.invite.preview.query({ inviteCode: invite.code })).toEqual({
      roomName: 'Engine room',
      memberCount: 1,
      inviter: { id: 'ada', name: 'ada', pictureUrl: null },
    })
    const { position } = await ada.room.changes.query({ roomId })
    expect(await ben.room.join.mutate({ inviteCode: invite.code })).toMatchObject({
      roomId,
      userId: 'ben',
      role: 'member',
    })
    expect(await ben.room.get.query({ roomId })).toMatchObject({ name: 'Engine room', memberCount: 2 })
    const { events } = await ada.room.changes.query({ roomId, after: position })
    expect(events).toMatchObject([{ type: 'member.joined', member: { userId: 'ben' }, memberCount: 2 }])
    expect((await ada.invite.list.query({ roomId })).items).toEqual([{ ...invite, uses: 1 }])
  })

  test('is used exactly as often as it may be, however many come at once', async () => {
    const roomId = await groupOf('ada')
    const { code: inviteCode } = await server.caller('ada').invite.create({ roomId, maxUses: 3 })
    const names = await newcomers(10)
    const results = await Promise.allSettled(names.map((name) => server.caller(name).room.join({ inviteCode })))
    const reasons = results.map(reasonOf)
    expect(reasons.filter((reason) => reason === 'joined')).toHaveLength(3)
    expect(reasons.filter((reason) => reason === 'INVITE_USED_UP')).toHaveLength(7)
    expect(await usesOf(roomId)).toBe(3)
    expect((await server.caller('ada').room.get({ roomId })).memberCount).toBe(4)
  })

  test('is used once by one who joins several times, also at once and when it is used up', async () => {
    const roomId = await groupOf('ada')
    const { code: inviteCode } = await server.caller('ada').invite.create({ roomId, maxUses: 1 })
    const [name = ''] = await newcomers(1)
    const joins = Array.from({ length: 5 }, () => server.caller(name).room.join({ inviteCode }))
    const [first, ...others] = await Promise.all(joins)
    for (const member of others) expect(member).toEqual(first)
    expect(await server.caller(name).room.join({ inviteCode })).toEqual(first)
    expect(await usesOf(roomId)).toBe(1)
  })

  test('which is revoked while people join lets in as many as it counted', async () => {
    const roomId = await groupOf('ada')
    const ada = server.caller('ada')
    const { id: inviteId, code: inviteCode } = await ada.invite.create({ roomId })
    const names = await newcomers(6)
    const joins = names.map((name) => server.caller(name).room.join({ inviteCode }))
    const [revoked, ...results] = await Promise.allSettled([ada.invite.revoke({ roomId, inviteId }), ...joins])
    expect(revoked).toMatchObject({ status: 'fulfilled', value: { id: inviteId, revokedAt: expect.any(Date) } })
    const joined = results.filter((result) => result.status === 'fulfilled').length
    expect(new Set(results.map(reasonOf)).difference(new Set(['joined', 'NOT_FOUND']))).toEqual(new Set())
    expect(await usesOf(roomId)).toBe(joined)
    const [late = ''] = await newcomers(1)
    await expect(server.caller(late).room.join({ inviteCode })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    const again = await ada.invite.revoke({ roomId, inviteId })
    expect(revoked).toMatchObject({ value: { revokedAt: again.revokedAt } })
  })

  test('is refused with the reason, in the preview as well, and uses nothing', async () => {
    const ada = server.caller('ada')
    const [name = ''] = await newcomers(1)
    const { db } = server.app.services.database
    const fates: [reason: string, befall: (roomId: string, inviteId: string) => Promise<unknown>][] = [
      ['NOT_FOUND', (roomId, inviteId) => ada.invite.revoke({ roomId, inviteId })],
      ['NOT_FOUND', (roomId) => ada.room.delete({ roomId })],
      ['ROOM_ARCHIVED', (roomId) => ada.room.archive({ roomId })],
      [
        'INVITE_EXPIRED',
        (_, id) => sql`update invites set expires_at = now() - interval '1 second' where id = ${id}`.execute(db),
      ],
      ['INVITE_USED_UP', (_, id) => sql`update invites set max_uses = 2, uses = 2 where id = ${id}`.execute(db)],
      [
        'MEMBER_BANNED',
        async (roomId) => {
          await ada.member.add({ roomId, userIds: [name] })
          await ada.member.remove({ roomId, userId: name })
          await sql`update members set banned_until = now() + interval '1 hour'
            where room_id = ${roomId}::uuid and user_id = ${name}`.execute(db)
        },
      ],
    ]
    for (const [reason, befall] of fates) {
      const roomId = await groupOf('ada')
      const { id, code: inviteCode } = await ada.invite.create({ roomId })
      await befall(roomId, id)
      const caller = server.caller(name)
      await expect(caller.room.join({ inviteCode }), reason).rejects.toMatchObject({ reason })
      await expect(caller.invite.preview({ inviteCode }), reason).rejects.toMatchObject({ reason })
      const row = await db.selectFrom('invites').select('uses').where('id', '=', id).executeTakeFirstOrThrow()
      expect(row.uses).toBe(reason === 'INVITE_USED_UP' ? 2 : 0)
    }
  })

  test('is worth nothing in another tenant', async () => {
    const roomId = await groupOf('ada')
    const { code: inviteCode } = await server.caller('ada').invite.create({ roomId })
    const elsewhere = server.caller('ada', { tenant: 'elsewhere' })
    await expect(elsewhere.room.join({ inviteCode })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    await expect(elsewhere.invite.preview({ inviteCode })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
  })

  test('can’t be made to a direct room or an archived one', async () => {
    await groupOf('ada', 'ben')
    const ada = server.caller('ada')
    const { id: roomId } = await ada.room.direct({ userId: 'ben' })
    // Both are plain members of it.
    await expect(ada.invite.create({ roomId })).rejects.toMatchObject({ reason: 'FORBIDDEN' })
    const host = server.caller('host', { role: 'service' })
    await expect(host.invite.create({ roomId })).rejects.toMatchObject({ reason: 'DIRECT_ROOM' })
    const archived = await groupOf('ada')
    await ada.room.archive({ roomId: archived })
    await expect(ada.invite.create({ roomId: archived })).rejects.toMatchObject({ reason: 'ROOM_ARCHIVED' })
  })

  test('is listed with all others of the room, page by page, the latest first', async () => {
    const roomId = await groupOf('ada')
    const { invite } = server.caller('ada')
    const made: string[] = []
    for (let count = 0; count < 5; count++) made.unshift((await invite.create({ roomId })).id)
    const first = await invite.list({ roomId, limit: 3 })
    const second = await invite.list({ roomId, limit: 3, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made)
    expect(second.nextCursor).toBeNull()
  })

  test('can’t be guessed: wrong codes are counted per user', async () => {
    const client = await server.connect('mallory', {}, { maxWaitMs: 0 })
    const { calls } = RATE_LIMITS['room.join']
    for (const guess of [client.room.join.mutate, client.invite.preview.query]) {
      const reasons: unknown[] = []
      for (let count = 0; count <= calls; count++) {
        await guess({ inviteCode: `guess-${count}` }).catch((error) => reasons.push(error.data.reason))
      }
      expect(reasons.slice(0, calls)).toEqual(Array.from({ length: calls }, () => 'NOT_FOUND'))
      expect(reasons.at(-1)).toBe('RATE_LIMITED')
    }
  })
})
