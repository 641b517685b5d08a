import { createServer } from 'node:http'
import { jwtVerify } from 'jose'
import { type Generated, Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { Server } from 'socket.io'
import { TOKEN_SECRET } from './layout.ts'
import { listen } from './listen.ts'
import { seedPeerTables } from './peer-tables.ts'
import { sampleEvent } from './sample-event.ts'
import { given, publishTurns, serveParent } from './server-calls.ts'
import type { ChatServer, SendInput, SentAck } from './socketio-events.ts'

/*
 * A chat as most teams write it on Socket.IO: a query for the membership, an insert, an emit to the room, an acknowledgement; the
 * defaults of every library.
 *
 * What it lacks beside Confab: an order of a room that a client could resume from (ids become visible out of order), a retry that
 * is known again, and a right that still holds when the row is written.
 */

interface Tables {
  members: { room_id: string; user_id: string }
  messages: { id: Generated<string>; room_id: string; sender_id: string; content: string; created_at: Generated<Date> }
}

const pool = new Pool({ connectionString: given('DATABASE_URL') })
pool.on('error', () => undefined)
const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

const http = createServer()
const io: ChatServer = new Server(http)
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

const isMember = async (roomId: string, userId: string): Promise<boolean> => {
  const member = await db
    .selectFrom('members')
    .select('user_id')
    .where('room_id', '=', roomId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return member !== undefined
}

async function send(userId: string, { roomId, content }: SendInput): Promise<SentAck> {
  if (!(await isMember(roomId, userId))) return { error: 'not a member' }
  const message = await db
    .insertInto('messages')
    .values({ room_id: roomId, sender_id: userId, content })
    .returningAll()
    .executeTakeFirstOrThrow()
  io.to(roomId).emit('message', message)
  return { id: message.id }
}

io.on('connection', (socket) => {
  socket.on('join', async ({ roomId }, answer) => {
    if (!(await isMember(roomId, socket.data.userId))) return answer({ error: 'not a member' })
    await socket.join(roomId)
    answer({})
  })
  socket.on('send', async (input, answer) => {
    try {
      answer(await send(socket.data.userId, input))
    } catch {
      answer({ error: 'internal' })
    }
  })
})

serveParent(await listen(http), {
  seed: (layout) => seedPeerTables(pool, layout),
  publish: (plan) =>
    publishTurns(plan, (mark, room) => {
      const event = sampleEvent(mark, room, mark + 1, plan.textLength)
      io.to(event.message.roomId).emit('event', event)
    }),
})
