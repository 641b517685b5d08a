import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RATE_LIMITS } from '../../server/rpc/rate-limits.ts'
import type { Presence } from '../../shared/index.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { FoldedInbox } from '../support/folded-inbox.ts'
import { startTestCluster } from '../support/redis-cluster-for-tests.ts'
import { describeWithRedis, REDIS_URL } from '../support/redis-for-tests.ts'
import { newId } from '../support/test-app.ts'
import { startTwoNodes, type TestNode } from '../support/test-nodes.ts'

/** What may join nodes. */
const KINDS: [name: string, open: () => Promise<{ url: string; end(): Promise<void> }>][] = [
  ['one Redis', async () => ({ url: REDIS_URL ?? '', end: async () => undefined })],
  ['one Redis Cluster', startTestCluster],
]

async function room(node: TestNode, ...others: string[]): Promise<string> {
  for (const userId of ['ada', ...others]) await node.caller(userId).auth.me()
  return (await node.caller('ada').room.create({ kind: 'group', name: 'Engine room', memberIds: others })).id
}

const say = (node: TestNode, roomId: string, content: string) =>
  node.caller('ada').message.send({ roomId, clientId: newId(), content })

for (const [name, open] of KINDS)
  describeWithRedis(`on one database and ${name}`, () => {
    let redis: Awaited<ReturnType<typeof open>>
    beforeAll(async () => {
      redis = await open()
    }, 30_000)
    afterAll(() => redis?.end())

    describe('two nodes', () => {
      let nodes: Awaited<ReturnType<typeof startTwoNodes>>
      let here: TestNode
      let there: TestNode
      beforeAll(async () => {
        // So calm a poll that nothing here is its work.
        nodes = await startTwoNodes(redis.url, { tuning: { reconcileMs: 600_000 } })
        here = nodes.here
        there = nodes.there
      })
      afterAll(() => nodes?.[Symbol.asyncDispose]())

      test('show messages of both in one order to the subscribers of both', async () => {
        const roomId = await room(here, 'ben')
        const logs = [new EventLog(await here.connect('ada'), roomId), new EventLog(await there.connect('ben'), roomId)]
        await Promise.all(logs.map((log) => log.until(({ events }) => events.length > 0)))
        await Promise.all(Array.from({ length: 100 }, (_, index) => say(index % 2 ? here : there, roomId, `${index}`)))
        const { items } = await here.caller('ada').message.list({ roomId, limit: 100 })
        for (const log of logs) {
          await log.until(({ contents }) => contents.length === 100)
          expect(log.contents).toEqual(items.toReversed().map(({ content }) => content))
          expect(gaps(log.events)).toEqual([])
          log.stop()
        }
      })

      test('tell the devices on both what was marked as unread, whatever the other one reads without knowing of it', async () => {
        const roomId = await room(here, 'uma')
        const { seq } = await say(here, roomId, 'Read me twice')
        const uma = there.caller('uma')
        await uma.receipt.read({ roomId, seq, unreadMarks: 0 })
        const inbox = new FoldedInbox('uma', (signal) => there.app.createCaller({ userId: 'uma' }, { signal }))
        await inbox.until(({ rooms, unread }) => rooms.length > 0 && unread === 0)
        await here.caller('uma').receipt.markUnread({ roomId, seq })
        await uma.receipt.read({ roomId, seq, unreadMarks: 0 })
        const { rooms } = await inbox.until(({ unread }) => unread === 1)
        const unreadMarks = rooms.find((each) => each.roomId === roomId)?.unreadMarks
        expect(unreadMarks).toBe(1)
        await here.caller('uma').receipt.read({ roomId, seq, unreadMarks })
        await inbox.until(({ unread }) => unread === 0)
        await inbox.stop()
      })

      test('fill a gap with one read, once, where a node died between the commit and the word of it', async () => {
        const roomId = await room(here)
        const log = await new EventLog(await there.connect('ada'), roomId).until(({ events }) => events.length > 0)
        // What a node that died has left: a row, and nothing said.
        const client = new Client({ connectionString: nodes.databaseUrl })
        await client.connect()
        await client.query(
          'update rooms set last_seq = last_seq + 1, changed_seq = last_seq + 1, description = $2 where id = $1',
          [roomId, 'Unsaid'],
        )
        await client.end()
        await say(here, roomId, 'Said')
        await log.until(({ contents }) => contents.length === 1)
        expect(log.events.map(({ type }) => type)).toEqual(['ready', 'room.updated', 'message.created'])
        expect(gaps(log.events)).toEqual([])
        log.stop()
      })

      test('end the streams of who was removed, and the connections of who was revoked, on the other node within a second', async () => {
        const roomId = await room(here, 'ben', 'cleo')
        const [ben, cleo] = [await there.connect('ben'), await there.connect('cleo')]
        const [ofBen, ofCleo] = [new EventLog(ben, roomId), new EventLog(cleo, roomId)]
        await Promise.all([ofBen, ofCleo].map((log) => log.until(({ events }) => events.length > 0)))
        const startedAt = performance.now()
        await here.caller('ada').member.remove({ roomId, userId: 'ben' })
        await ofBen.until(({ failure }) => failure !== undefined)
        expect(ofBen.failure).toMatchObject({ data: { reason: 'NOT_A_MEMBER' } })
        await here.caller('cleo').auth.revokeAll()
        await ofCleo.until(({ failure }) => failure !== undefined)
        expect(ofCleo.failure).toMatchObject({ data: { reason: 'TOKEN_REVOKED' } })
        expect(performance.now() - startedAt).toBeLessThan(1_000)
      })

      test('show who types on either', async () => {
        const roomId = await room(here, 'ben')
        const [ada, ben] = [await here.connect('ada'), await there.connect('ben')]
        const seen = ben.typing.onChange.subscribe({ roomId })
        expect((await seen.next()).value).toEqual({ users: [] })
        await ada.typing.set.mutate({ roomId, isTyping: true })
        expect((await seen.next()).value).toMatchObject({ users: [{ id: 'ada' }] })
        await ada.typing.set.mutate({ roomId, isTyping: false })
        expect((await seen.next()).value).toEqual({ users: [] })
        await seen.return?.()
      })

      test('count the calls of a user together', async () => {
        const { calls } = RATE_LIMITS['message.send']
        const impatient = { maxWaitMs: 0 }
        const [first, second] = [await here.connect('dov', {}, impatient), await there.connect('dov', {}, impatient)]
        const { id: roomId } = await first.room.create.mutate({ kind: 'group', name: 'Busy' })
        const sends = async (client: typeof first, count: number) => {
          for (let index = 0; index < count; index++) {
            await client.message.send.mutate({ roomId, clientId: newId(), content: 'Hello' })
          }
        }
        await sends(first, calls - 5)
        // The word of it is on its way for a tenth of a second at most; what is allowed meanwhile is less than a limit.
        await expect(sends(second, calls)).rejects.toMatchObject({ data: { reason: 'RATE_LIMITED' } })
      })

      test('are ready, and say so', async () => {
        const answer = await fetch(new URL('/readyz', here.url))
        expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok', degraded: [] }])
      })
    })

    describe('presence on two nodes', () => {
      test('is one: who connects, chooses and goes on one node is seen on the other', async () => {
        await using nodes = await startTwoNodes(redis.url, { tuning: { presenceLeaseMs: 1_000 } })
        const { here, there } = nodes
        const [ada, ben] = [await here.connect('ada'), await there.connect('ben')]
        await Promise.all([ada.auth.me.query(), ben.auth.me.query()])
        const changes = ada.presence.onChange.subscribe({ userIds: ['ben'] })
        const until = async (status: Presence['status']) => {
          while (true) {
            const value: Presence[] | undefined = (await changes.next()).value
            if (value?.[0]?.status === status) return value[0]
          }
        }
        await until('online')
        await ben.presence.set.mutate({ status: 'busy', text: 'In a meeting' })
        expect(await until('busy')).toMatchObject({ text: 'In a meeting' })
        // On another node meanwhile: what was chosen stays, and nothing is told.
        const again = await here.connect('ben')
        await again.auth.me.query()
        await ben.close()
        await again.presence.set.mutate({ status: 'away' })
        expect((await changes.next()).value).toMatchObject([{ status: 'away', text: 'In a meeting' }])
        await again.close()
        expect(await until('offline')).toMatchObject({ lastSeenAt: expect.any(Date) })
        await changes.return?.()
      })

      test('who hides it is offline to the watchers on every node', async () => {
        await using nodes = await startTwoNodes(redis.url)
        const [ada, ben] = [await nodes.here.connect('ada'), await nodes.there.connect('ben')]
        await Promise.all([ada.auth.me.query(), ben.auth.me.query()])
        const changes = ada.presence.onChange.subscribe({ userIds: ['ben'] })
        const until = async (status: Presence['status']) => {
          while (true) {
            const value: Presence[] | undefined = (await changes.next()).value
            if (value?.[0]?.status === status) return
          }
        }
        await until('online')
        await ben.preferences.update.mutate({ presenceVisibility: 'nobody' })
        await until('offline')
        await ben.preferences.update.mutate({ presenceVisibility: 'everyone' })
        await until('online')
        await changes.return?.()
      })

      test('a node that joins late knows who is there', async () => {
        await using nodes = await startTwoNodes(redis.url)
        const ada = await nodes.here.connect('ada')
        await ada.presence.set.mutate({ status: 'away' })
        const seen = await nodes.there.caller('ben').presence.onChange({ userIds: ['ada'] })
        for await (const [presence] of seen) if (presence?.status === 'away') break
      })
    })
  })
