import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { type BusMessage, roomChannel } from '../../server/bus/bus.ts'
import { ChatError } from '../../server/errors/chat-error.ts'
import { SEND_AUDITED, SEND_FULL, SEND_LONE, SEND_PLAIN } from '../../server/message/send-batch.ts'
import type { Send } from '../../server/message/send-statement.ts'
import type { Message } from '../../shared/index.ts'
import { type PlanNode, planOf } from '../support/query-plan.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const server = useTestApp()
const { roomOf } = server

const say = (userId: string, roomId: string, content: string, clientId = newId()) =>
  server.caller(userId).message.send({ roomId, clientId, content })

const reasonOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'rejected' && result.reason instanceof ChatError ? result.reason.reason : 'SENT'

/** Sends that wait in one lane. */
const MAX_QUEUE = 10_000

/** As the router hands it to the writer. */
const sendTo = (roomId: string): Send => ({
  tenantId: 'default',
  roomId,
  senderId: 'ada',
  clientId: newId(),
  clientHash: Buffer.alloc(1),
  id: newId(),
  content: 'Hello',
  replyToId: null,
  meta: '{}',
  isOnBehalf: false,
  isService: false,
  forwardedFrom: null,
})

describe('a batch', () => {
  test('answers each send for itself: sent, repeated, and every kind of refusal side by side', async () => {
    const ada = server.caller('ada')
    const [open, frozen, archived, slow] = [
      await roomOf('ada', 'ben', 'cleo'),
      await roomOf('ada', 'ben'),
      await roomOf('ada', 'ben'),
      await roomOf('ada', 'ben'),
    ]
    const clientId = newId()
    await say('ben', open, 'Said before', clientId)
    await ada.member.mute({ roomId: open, userId: 'cleo' })
    await ada.room.freeze({ roomId: frozen })
    await ada.room.archive({ roomId: archived })
    await ada.room.update({ roomId: slow, slowModeSeconds: 60 })

    const results = await Promise.allSettled([
      say('ben', open, 'Fresh'),
      say('ben', open, 'Said before', clientId),
      say('ben', open, 'Said otherwise', clientId),
      say('cleo', open, 'Muted'),
      say('ben', frozen, 'Frozen'),
      say('ben', archived, 'Archived'),
      say('ben', slow, 'First'),
      say('ben', slow, 'Second'),
      say('dov', open, 'A stranger'),
      say('ben', newId(), 'Nowhere'),
      server.caller('ben').message.send({ roomId: open, clientId: newId(), content: 'Reply', replyToId: newId() }),
    ])
    const reasons = results.map(reasonOf)
    // Which of the two in slow mode comes first is open.
    const inSlowMode = reasons.splice(6, 2)
    expect(inSlowMode.toSorted((a, b) => a.localeCompare(b))).toEqual(['SENT', 'SLOW_MODE'])
    expect(reasons).toEqual([
      'SENT',
      'SENT',
      'CLIENT_ID_REUSED',
      'MUTED',
      'ROOM_FROZEN',
      'ROOM_ARCHIVED',
      'NOT_FOUND',
      'NOT_FOUND',
      'INVALID_INPUT',
    ])
    expect((await ada.message.list({ roomId: open })).items.map((message) => message.content)).toEqual([
      'Fresh',
      'Said before',
    ])
  })

  test('the same send a hundred times at once is one message', async () => {
    const roomId = await roomOf('ada')
    const clientId = newId()
    const sent = await Promise.all(Array.from({ length: 100 }, () => say('ada', roomId, 'Once', clientId)))
    expect(new Set(sent.map((message) => message.id)).size).toBe(1)
    expect((await server.caller('ada').room.get({ roomId })).lastOrdinal).toBe(1)
  })

  test('gives what a read gives', async () => {
    const roomId = await roomOf('ada')
    const first = await say('ada', roomId, 'A question')
    const meta = { mood: 'curious', tags: ['one', 'two'] }
    const sent = await server
      .caller('ada')
      .message.send({ roomId, clientId: newId(), content: 'An answer', replyToId: first.id, meta })
    expect(await server.caller('ada').message.get({ roomId, messageId: sent.id })).toEqual(sent)
  })

  test('builds each message once: the event holds the very answer', async () => {
    const roomId = await roomOf('ada')
    const heard: BusMessage[] = []
    const { bus, messages } = server.app.services
    const unsubscribe = await bus.subscribe(roomChannel('default', roomId), (message) => heard.push(message))
    const written = await messages.write(sendTo(roomId))
    unsubscribe()
    expect(heard).toHaveLength(1)
    expect(heard[0]?.type === 'room.changed' && 'message' in heard[0].event && heard[0].event.message).toBe(written)
  })

  test('a room whose lock is held does not hold up the others', async () => {
    const rooms = await Promise.all(Array.from({ length: 8 }, () => roomOf('ada')))
    const [held = '', ...others] = rooms
    const blocker = new Client({ connectionString: server.database.url })
    await blocker.connect()
    await blocker.query('begin')
    await blocker.query('select 1 from rooms where id = $1 for update', [held])
    const settled: string[] = []
    const sends = [held, ...others].map((roomId) =>
      say('ada', roomId, 'Through').then((message: Message) => settled.push(message.roomId)),
    )
    await Promise.all(sends.slice(1))
    expect(settled).not.toContain(held)
    await blocker.query('commit')
    await Promise.all(sends)
    expect(settled).toContain(held)
    await blocker.end()
  })

  test('sends beyond the bound of a lane’s queue are refused for now, and those in it are all written', async () => {
    const [roomId, other] = [await roomOf('ada'), await roomOf('ada')]
    const { messages } = server.app.services
    // In one turn of the event loop: nothing leaves the queue meanwhile.
    const beyond = 50
    const results = Promise.allSettled(Array.from({ length: MAX_QUEUE + beyond }, () => messages.write(sendTo(roomId))))
    expect(messages.queued.lanes.toSorted((a, b) => a - b).at(-1)).toBe(MAX_QUEUE)
    const refused = (await results).flatMap((result, index) =>
      result.status === 'rejected' ? [{ index, reason: result.reason }] : [],
    )
    expect(refused.map(({ index }) => index)).toEqual(Array.from({ length: beyond }, (_, index) => MAX_QUEUE + index))
    for (const { reason } of refused) expect(reason).toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs: 250 })
    expect(await server.caller('ada').room.get({ roomId })).toMatchObject({ lastOrdinal: MAX_QUEUE })
    await say('ada', roomId, 'There is room again')
    await say('ada', other, 'And here')
  }, 60_000)

  test('a room whose lock was held goes on with the others once it is free, however busy it is', async () => {
    const roomId = await roomOf('ada')
    const { messages } = server.app.services
    const blocker = new Client({ connectionString: server.database.url })
    await blocker.connect()
    await blocker.query('begin')
    await blocker.query('select 1 from rooms where id = $1 for update', [roomId])
    const ending = new AbortController()
    let underway = 0
    let sent = 0
    // Without a pause: whenever a statement is on its way, others wait behind it.
    const talk = async () => {
      while (!ending.signal.aborted) {
        await new Promise(setImmediate)
        if (underway === 200) continue
        underway++
        void say('ada', roomId, 'And another thing').finally(() => {
          underway--
          sent++
        })
      }
    }
    const talking = talk()
    const waits = messages.counts.lockWaits
    await expect.poll(() => messages.counts.lockWaits, { interval: 10, timeout: 15_000 }).toBeGreaterThan(waits + 1)
    await blocker.query('commit')
    await expect.poll(() => sent, { interval: 10, timeout: 15_000 }).toBeGreaterThan(400)
    const seen = { contended: 0, lanes: 0 }
    for (let look = 0; look < 100; look++) {
      await new Promise(setImmediate)
      seen.contended += messages.queued.contended
      seen.lanes += messages.queued.lanes.reduce((sum, queued) => sum + queued, 0)
    }
    ending.abort()
    await talking
    await expect.poll(() => underway).toBe(0)
    await blocker.end()
    expect(seen.contended).toBe(0)
    expect(seen.lanes).toBeGreaterThan(0)
  })

  test('that others forestall again and again may be tried again: nothing is wrong with it', async () => {
    const roomId = await roomOf('ada', 'ben')
    const client = new Client({ connectionString: server.database.url })
    await client.connect()
    try {
      // As when another node's sends of the same were committed each time while this batch waited for the room.
      await client.query(`
        create function forestall() returns trigger language plpgsql as $$ begin
          raise exception 'forestalled' using errcode = 'unique_violation';
        end $$;
        create trigger forestall before insert on messages for each row when (new.content = 'Forestalled') execute function forestall()`)
      await expect(say('ada', roomId, 'Forestalled')).rejects.toMatchObject({
        reason: 'UNAVAILABLE',
        retryAfterMs: 250,
      })
      await expect(say('ada', roomId, 'Free')).resolves.toMatchObject({ content: 'Free' })
    } finally {
      await client.query('drop trigger if exists forestall on messages')
      await client.end()
    }
  })
})

describe('the plan of a batch', () => {
  /** What the plan of a batch of three, or of one, reads: it does not depend on the values. */
  async function readsOf(text: string): Promise<PlanNode[]> {
    const { db } = server.app.services.database
    const ids = (await db.selectFrom('rooms').select('id').limit(3).execute()).map((row) => row.id)
    const each = <T>(make: () => T) => ids.map(make)
    const [none, no] = [each(() => null), each(() => false)]
    const hashes = each(() => Buffer.alloc(32))
    const values = [
      'default',
      ids,
      each(() => 'ada'),
      each(newId),
      hashes,
      each(newId),
      each(() => 'x'),
      none,
      each(() => '{}'),
      no,
      no,
      none,
      ...(text === SEND_FULL ? [each(newId), each(() => '["ben"]'), no, ['owner']] : []),
      ...(text === SEND_FULL || text === SEND_AUDITED ? [each(() => 'host')] : []),
    ]
    const lone = values.map((value) => (Array.isArray(value) ? value[0] : value))
    const client = new Client({ connectionString: server.database.url })
    await client.connect()
    const statement = { name: 'batch', text, values: text === SEND_LONE ? lone : values }
    const nodes = await planOf(client, statement, { isRun: false })
    await client.end()
    return nodes.filter((node) => node['Relation Name'] && node['Node Type'] !== 'ModifyTable')
  }

  type LookUp = [table: string | undefined, index: string | undefined]

  const LOOK_UPS: LookUp[] = [
    ['members', 'members_pkey'],
    ['members', 'members_pkey'],
    ['messages', 'messages_client_id'],
    ['messages', 'messages_id'],
    ['rooms', 'rooms_pkey'],
    ['rooms', 'rooms_pkey'],
  ]
  // The root of a thread: locked, and changed.
  const FULL_LOOK_UPS: LookUp[] = [...LOOK_UPS, ['messages', 'messages_id'], ['messages', 'messages_pkey']]
  const FORMS: [form: string, text: string, lookUps: LookUp[]][] = [
    ['lone', SEND_LONE, LOOK_UPS],
    ['plain', SEND_PLAIN, LOOK_UPS],
    ['audited', SEND_AUDITED, LOOK_UPS],
    ['full', SEND_FULL, FULL_LOOK_UPS],
  ]
  const looked = (nodes: PlanNode[]) =>
    nodes
      .map((node): LookUp => [node['Relation Name'], node['Index Name'] ?? node.Plans?.[0]?.['Index Name']])
      .toSorted(inOrder)
  const inOrder = (a: LookUp, b: LookUp) => a.join().localeCompare(b.join())

  test('looks up by whole keys in new tables, and in large ones', async () => {
    await roomOf('ada', 'ben')
    // All but the answered message and the root, where an empty table gives Postgres nothing to choose an index by: replies wait for statistics.
    const isReply = ([table, index]: LookUp) => table === 'messages' && index !== 'messages_client_id'
    for (const [, text, lookUps] of FORMS) {
      expect(looked(await readsOf(text))).toEqual(expect.arrayContaining(lookUps.filter((each) => !isReply(each))))
    }

    const roomId = await roomOf('ada', 'ben')
    await grow(roomId)
    for (const [form, text, lookUps] of FORMS) {
      expect([form, looked(await readsOf(text))]).toEqual([form, lookUps.toSorted(inOrder)])
    }
    await say('ada', roomId, 'Still quick')
  }, 60_000)

  /** Sixty thousand messages, a tenth of them replies, and mentions: written past the time that a statement of the server has. */
  async function grow(roomId: string): Promise<void> {
    const client = new Client({ connectionString: server.database.url })
    await client.connect()
    await client.query(
      `insert into messages (tenant_id, room_id, seq, id, changed_seq, ordinal, sender_id, client_id, client_hash, kind, content, thread_id)
      select 'default', $1::uuid, n, gen_random_uuid(), n, n, 'ada', gen_random_uuid(), '\\x00', 'text', 'Number ' || n,
        case when n % 10 = 0 then $2::uuid end
      from generate_series(100, 60000) as n`,
      [roomId, newId()],
    )
    await client.query(
      `insert into mentions (tenant_id, room_id, user_id, ordinal, sender_id)
      select 'default', $1::uuid, nullif('ben', case when n % 9 = 0 then 'ben' end), n, 'ada' from generate_series(100, 60000, 3) as n`,
      [roomId],
    )
    await client.query('update rooms set last_seq = 60000, last_ordinal = 60000 where id = $1', [roomId])
    await client.query('analyze')
    await client.end()
  }
})
