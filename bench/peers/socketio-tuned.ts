import { createServer } from 'node:http'
import { jwtVerify } from 'jose'
import { Pool } from 'pg'
import { Server } from 'socket.io'
import { roomIdOf, TOKEN_SECRET, userIdOf } from './layout.ts'
import { listen } from './listen.ts'
import { seedPeerTables } from './peer-tables.ts'
import { sampleEvent } from './sample-event.ts'
import { given, postAll, publishTurns, serveParent } from './server-calls.ts'
import type { ChatServer, JoinedAck, JoinInput, MessageRow, SendInput, SentAck } from './socketio-events.ts'

/*
 * Socket.IO as somebody tunes it who measures: WebSocket alone, no compression, one prepared statement for each message that checks
 * the membership and inserts, the pool sized by trial, and the upgrade's request let go.
 *
 * What it still lacks beside Confab: an order of a room that a client could resume from without a hole (ids become visible out of
 * order), a retry that is known again, and a right that is read from a locked row. Each would cost it more.
 */

const SEND = {
  name: 'send',
  text: `insert into messages (room_id, sender_id, content)
    select room_id, user_id, $3 from members where room_id = $1 and user_id = $2
    returning id, created_at`,
}
const MISSED = {
  name: 'missed',
  text: `select messages.* from messages join members using (room_id)
    where room_id = $1 and user_id = $2 and id > $3 order by id limit 1000`,
}
const MEMBER = { name: 'member', text: 'select 1 from members where room_id = $1 and user_id = $2' }

const pool = new Pool({ connectionString: given('DATABASE_URL'), max: Number(given('POOL_SIZE')) })
pool.on('error', () => undefined)

const http = createServer()
const io: ChatServer = new Server(http, {
  transports: ['websocket'],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
})
io.engine.on('connection', (raw: { request: unknown }) => {
  raw.request = null
})
const secret = new TextEncoder().encode(TOKEN_SECRET)

io.use((socket, admit) => {
  const token: unknown = socket.handshake.auth['token']
  jwtVerify(typeof token === 'string' ? token : '', secret, { algorithms: ['HS256'] }).then(
    ({ payload }) => {
      socket.data.userId = payload.sub ?? ''
      admit()
    },
    () => admit(new Error('unauthorized')),
  )
})

async function send(userId: string, { roomId, content }: SendInput): Promise<SentAck> {
  const { rows } = await pool.query<Pick<MessageRow, 'id' | 'created_at'>>({
    ...SEND,
    values: [roomId, userId, content],
  })
  const [row] = rows
  if (!row) return { error: 'not a member' }
  io.to(roomId).emit('message', { ...row, room_id: roomId, sender_id: userId, content })
  return { id: row.id }
}

/** The room is joined first and what was missed read then: a message may come twice, but none is lost. */
async function missed(userId: string, { roomId, after }: JoinInput): Promise<JoinedAck> {
  if (after === undefined) return {}
  const { rows } = await pool.query<MessageRow>({ ...MISSED, values: [roomId, userId, after] })
  return { messages: rows }
}

io.on('connection', (socket) => {
  const { userId } = socket.data
  socket.on('join', async (input, answer) => {
    const { rowCount } = await pool.query({ ...MEMBER, values: [input.roomId, userId] })
    if (!rowCount) return answer({ error: 'not a member' })
    await socket.join(input.roomId)
    answer(await missed(userId, input))
  })
  socket.on('send', (input, answer) => {
    send(userId, input).then(answer, () => answer({ error: 'internal' }))
  })
})

serveParent(await listen(http), {
  seed: (layout) => seedPeerTables(pool, layout),
  post: (plan) =>
    postAll(plan, (room, content) => send(userIdOf(room * plan.members), { roomId: roomIdOf(room), content })),
  publish: (plan) =>
    publishTurns(plan, (mark, room) => {
      const event = sampleEvent(mark, room, mark + 1, plan.textLength)
      io.to(event.message.roomId).emit('event', event)
    }),
})
