import { Client } from 'pg'
import { expect, test } from 'vitest'
import { ChatError } from '../../server/errors/chat-error.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()

const seconds = Number(process.env['STORM_SECONDS'] ?? 2)
const USERS = ['ada', 'ben', 'cleo', 'dov', 'eve', 'finn']

const pick = <T>(from: readonly T[]): T => {
  const picked = from[Math.floor(Math.random() * from.length)]
  if (picked === undefined) throw new Error('Nothing to pick from')
  return picked
}

async function resolveOne(roomId: string): Promise<unknown> {
  const owner = server.caller('ada')
  const [report] = (await owner.report.list({ roomId, status: 'open' })).items
  return report && owner.report.resolve({ reportId: report.id, action: pick(['deleteMessage', 'removeMember']) })
}

/** One thing that somebody does somewhere; what the rules refuse is part of it. */
async function act(roomIds: string[], inviteCodes: Record<string, string>): Promise<void> {
  const roomId = pick(roomIds)
  const whom = pick(USERS.slice(1))
  const caller = server.caller(pick(USERS))
  const owner = server.caller('ada')
  const host = server.caller('host', { role: 'service' })
  const acts = [
    () => caller.message.send({ roomId, clientId: newId(), content: 'In the storm' }),
    () => caller.message.send({ roomId, clientId: newId(), content: 'In the storm' }),
    () => caller.message.send({ roomId, clientId: newId(), content: 'In the storm' }),
    () => caller.receipt.read({ roomId, seq: Math.floor(Math.random() * 1_000) }),
    () => caller.receipt.read({ roomId, seq: 1_000_000 }),
    () => owner.member.remove({ roomId, userId: whom }),
    () => owner.member.add({ roomId, userIds: USERS.slice(1).toSorted(() => Math.random() - 0.5) }),
    () => owner.member.mute({ roomId, userId: whom, until: new Date(Date.now() + 10) }),
    () => owner.member.ban({ roomId, userId: whom, until: new Date(Date.now() + 10) }),
    () => caller.user.block({ userId: whom }),
    () => caller.user.unblock({ userId: whom }),
    () => caller.room.direct({ userId: whom }),
    () => owner.wordFilter.update({ roomId, words: [{ pattern: 'storm', action: pick(['flag', 'mask']) }] }),
    () => resolveOne(roomId),
    () => caller.user.update({ name: `Somebody ${Math.floor(Math.random() * 100)}` }),
    () => server.caller(whom).room.leave({ roomId }),
    () => caller.room.list(),
    () => caller.room.settings({ roomId, nickname: `Nick ${Math.floor(Math.random() * 100)}` }),
    () => host.member.setRole({ roomId, userId: whom, role: 'owner' }),
    () => host.member.setRole({ roomId, userId: 'ada', role: 'owner' }),
    () => caller.room.join({ inviteCode: inviteCodes[roomId] ?? '' }),
  ]
  try {
    await pick(acts)()
  } catch (error) {
    if (!(error instanceof ChatError) || ['INTERNAL', 'UNAVAILABLE'].includes(error.reason)) throw error
  }
}

test('a storm of sends, receipts, removals, joins and changed profiles deadlocks nowhere', {
  timeout: 60_000 + seconds * 1_000,
}, async () => {
  for (const name of USERS) await server.caller(name).auth.me()
  const create = () =>
    server.caller('ada').room.create({ kind: 'group', name: 'Engine room', memberIds: USERS.slice(1) })
  const roomIds = (await Promise.all(Array.from({ length: 5 }, create))).map((room) => room.id)

  const inviteCodes: Record<string, string> = {}
  for (const roomId of roomIds) inviteCodes[roomId] = (await server.caller('ada').invite.create({ roomId })).code

  const end = Date.now() + seconds * 1_000
  const people = Array.from({ length: 16 }, async () => {
    while (Date.now() < end) await act(roomIds, inviteCodes)
  })
  await Promise.all(people)
  await server.app.services.profiles.settled()

  const client = new Client({ connectionString: server.database.url })
  await client.connect()
  const { rows } = await client.query('select deadlocks::int from pg_stat_database where datname = current_database()')
  await client.end()
  expect(rows).toEqual([{ deadlocks: 0 }])

  for (const roomId of roomIds) {
    const { room, members } = await server.caller('ada').room.snapshot({ roomId })
    expect(room.memberCount).toBe(members.length)
    const seqs = (await server.caller('ada').message.list({ roomId, limit: 100 })).items.map(
      (message) => message.ordinal,
    )
    expect(seqs).toEqual(seqs.map((_, index) => room.lastOrdinal - index))
  }
})
