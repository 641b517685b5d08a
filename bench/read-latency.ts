import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Client } from 'pg'
import { Latencies } from './generator/percentiles.ts'
import { launchServer, tokenOf } from './harness/launched-server.ts'

/*
 * How long reads take on a database that `npm run seed` filled (DATABASE_URL), over a WebSocket, one call after the other, each by
 * another user. The server runs in a process of its own, as `npm start` runs it. Ends with exit code 1 where a goal is missed.
 */

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '500' },
    tenant: { type: 'string', default: 'default' },
    only: { type: 'string' },
  },
})
const CALLS = Number(values.calls)
const WARM_UP = 50
const USERS = 50

interface Call {
  path: string
  input: object
}

interface Reading {
  name: string
  /** p99 in milliseconds. */
  goal: number
  call: (user: Reader, round: number) => Call
}

/** A user with a connection, and what this user can ask for. */
interface Reader {
  rooms: { roomId: string; deepCursor: string | null }[]
  ask: (call: Call) => Promise<string>
}

const WORDS = ['invoice', 'prototype', 'harbour', 'translated', 'Friday', 'supplier', 'catalogue', 'rehearsal']
const FREQUENT = ['the', 'is', 'ready', 'and', 'team', 'Thanks', 'yesterday', 'ticket']
const PHRASES = ['"shared folder"', '"better than expected"', '"the coffee machine"', '"last quarter"']
const PAIRS = ['sensor backup', 'invoice -late', 'garden museum', 'newsletter tonight', 'budget "on hold"']
const BEGINNINGS = ['i', 'pro', 'tra', 'c', 'th', 'mar']

const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length]
  if (found === undefined) throw new RangeError('Unable to measure; the list is empty')
  return found
}

const search = (queries: string[]) => (_: Reader, round: number) => ({
  path: 'message.search',
  input: { query: at(queries, round) },
})

const READINGS: Reading[] = [
  {
    name: 'history, newest 50',
    goal: 5,
    call: ({ rooms }, n) => ({ path: 'message.list', input: { roomId: at(rooms, n).roomId } }),
  },
  {
    name: 'history, 50 from deep in it',
    goal: 5,
    call({ rooms }, n) {
      const { roomId, deepCursor } = at(rooms, n)
      return { path: 'message.list', input: { roomId, ...(deepCursor === null ? {} : { cursor: deepCursor }) } }
    },
  },
  { name: 'room.list, 50', goal: 20, call: () => ({ path: 'room.list', input: {} }) },
  { name: 'search, a word', goal: 50, call: search(WORDS) },
  { name: 'search, a frequent word', goal: 50, call: search(FREQUENT) },
  {
    name: 'search, a rare word',
    goal: 50,
    call: (_, n) => ({ path: 'message.search', input: { query: String(1_000 + n * 197) } }),
  },
  { name: 'search, a phrase', goal: 50, call: search(PHRASES) },
  { name: 'search, two words, or one without another', goal: 50, call: search(PAIRS) },
  { name: 'search, how a word begins', goal: 50, call: search(BEGINNINGS) },
  {
    name: 'search, a word in one room',
    goal: 50,
    call: ({ rooms }, n) => ({ path: 'message.search', input: { query: at(WORDS, n), roomId: at(rooms, n).roomId } }),
  },
]

/** Speaks tRPC's protocol without parsing answers: what is measured ends when the answer is here. */
async function connect(url: string, userId: string): Promise<{ ask: Reader['ask']; close: () => void }> {
  const token = await tokenOf(userId, values.tenant)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc?connectionParams=1`)
  await once(socket, 'open')
  socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }))
  let onAnswer: (text: string) => void = () => undefined
  socket.addEventListener('message', ({ data }) => {
    if (data === 'PING') socket.send('PONG')
    else onAnswer(data)
  })
  let id = 0
  return {
    ask: ({ path, input }) => {
      const { promise, resolve } = Promise.withResolvers<string>()
      onAnswer = resolve
      socket.send(JSON.stringify({ id: ++id, method: 'query', params: { path, input: { json: input } } }))
      return promise
    },
    close: () => socket.close(),
  }
}

/** Users of the tenant with their busiest rooms, and a place in the middle of each. */
async function findReaders(databaseUrl: string, url: string): Promise<{ readers: Reader[]; close: () => void }> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ user_id: string; room_ids: string[] }>(
    `select user_id, (array_agg(room_id order by last_ordinal desc))[1:20] as room_ids
     from members join rooms on rooms.tenant_id = members.tenant_id and rooms.id = room_id
     where members.tenant_id = $1 and left_at is null
     group by user_id order by md5(user_id) limit $2`,
    [values.tenant, USERS],
  )
  const readers: Reader[] = []
  const closes: (() => void)[] = []
  for (const { user_id: userId, room_ids: roomIds } of rows) {
    const { ask, close } = await connect(url, userId)
    closes.push(close)
    const rooms: Reader['rooms'] = []
    for (const roomId of roomIds) rooms.push({ roomId, deepCursor: await deepCursor(client, ask, roomId) })
    readers.push({ rooms, ask })
  }
  await client.end()
  return {
    readers,
    close: () => {
      for (const close of closes) close()
    },
  }
}

async function deepCursor(client: Client, ask: Reader['ask'], roomId: string): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `select id from messages
     where tenant_id = $1 and room_id = $2 and seq >= (select last_seq / 2 from rooms where tenant_id = $1 and id = $2)
     order by seq limit 1`,
    [values.tenant, roomId],
  )
  const [middle] = rows
  if (!middle) return null
  const answer = await ask({ path: 'message.around', input: { roomId, messageId: middle.id, limit: 1 } })
  return /"olderCursor":"([^"]+)"/.exec(answer)?.[1] ?? null
}

async function measure(reading: Reading, readers: Reader[]): Promise<boolean> {
  const latencies = new Latencies()
  for (let round = -WARM_UP; round < CALLS; round++) {
    const reader = at(readers, round + WARM_UP)
    const call = reading.call(reader, round + WARM_UP)
    const started = performance.now()
    const answer = await reader.ask(call)
    const took = performance.now() - started
    if (answer.startsWith('{"id":') && answer.includes('"error":{'))
      throw new Error(`${reading.name}: ${answer.slice(0, 500)}`)
    if (round >= 0) latencies.record(took)
  }
  const { p50, p99, max } = latencies.percentiles()
  const isReached = p99 < reading.goal
  process.stdout.write(
    `${reading.name.padEnd(44)} p50 ${p50.toFixed(2).padStart(7)}   p99 ${p99.toFixed(2).padStart(7)}   max ${max
      .toFixed(2)
      .padStart(7)} ms   goal ${reading.goal}: ${isReached ? 'reached' : 'missed'}\n`,
  )
  return isReached
}

const databaseUrl = process.env['DATABASE_URL']
if (!databaseUrl) throw new Error('Unable to measure; set DATABASE_URL to a database that npm run seed filled')
await using server = await launchServer({ DATABASE_URL: databaseUrl, NODE_ENV: 'production' })
const { readers, close } = await findReaders(databaseUrl, server.url)
for (const reading of READINGS) {
  if (values.only && !reading.name.includes(values.only)) continue
  if (!(await measure(reading, readers))) process.exitCode = 1
}
close()
