import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createApp } from '../../server/app.ts'
import { roomChannel } from '../../server/bus/bus.ts'
import { MemoryBus } from '../../server/bus/memory-bus.ts'
import { fillRoom, moveHeads, pickMessages, seedConfab, TENANT } from './confab-seed.ts'
import { roomIdOf, TOKEN_SECRET, userIdOf } from './layout.ts'
import { sampleEvent } from './sample-event.ts'
import { given, type Publish, postAll, publishTurns, serveParent } from './server-calls.ts'
import { watchStatements } from './statement-watch.ts'

/*
 * Confab itself, as `npm start` builds it, without rate limits. Beside what it serves it can publish events that no database has,
 * through the real feeds, as if another node had written them: then nothing may compare them with the database (`RECONCILE=off`).
 */

const databaseUrl = given('DATABASE_URL')
const statements = watchStatements(databaseUrl)
const dataDir = await mkdtemp(join(tmpdir(), 'confab-bench-'))

/** Beyond any run, and still a time that a timer can wait. */
const NEVER_MS = 2 ** 31 - 1
const bus = new MemoryBus(pino())
const tuning = { bus: () => bus, ...(process.env['RECONCILE'] === 'off' ? { reconcileMs: NEVER_MS } : {}) }
const app = createApp(
  { databaseUrl, dataDir, port: 0, authSecret: TOKEN_SECRET, rateLimit: false, logLevel: 'error', isProduction: true },
  tuning,
)
const { port } = await app.start()
await rm(dataDir, { recursive: true })

/** Where the log of each room stands. */
const heads = new Map<string, { epoch: string; seq: number }>()

async function readHeads(): Promise<void> {
  const { database } = app.services
  const rows = await database.db.selectFrom('rooms').select(['id', 'epoch_seed', 'last_seq']).execute()
  for (const row of rows) heads.set(row.id, { epoch: database.epochOf(row.epoch_seed), seq: row.last_seq })
}

const publisher =
  (textLength: number): Publish =>
  (mark, room) => {
    const head = heads.get(roomIdOf(room))
    if (!head) throw new Error(`Unable to publish to room ${room}; it is not seeded`)
    head.seq++
    const event = sampleEvent(mark, room, head.seq, textLength)
    bus.publish(roomChannel(TENANT, roomIdOf(room)), { type: 'room.changed', epoch: head.epoch, event })
  }

serveParent(port, {
  seed: (layout) => seedConfab(databaseUrl, layout),
  post: (plan) =>
    postAll(plan, (room, content) =>
      app
        .createCaller({ userId: userIdOf(room * plan.members) })
        .message.send({ roomId: roomIdOf(room), clientId: randomUUID(), content }),
    ),
  async publish(plan) {
    if (heads.size === 0) await readHeads()
    const published = await publishTurns(plan, publisher(plan.textLength))
    // Who subscribes next begins where the database stands.
    await moveHeads(databaseUrl, heads)
    return published
  },
  statements: async () => statements.take(),
  fill: ({ room, messages }) => fillRoom(databaseUrl, room, messages),
  async cursors({ room, count }) {
    const roomId = roomIdOf(room)
    const { id: userId, messageIds } = await pickMessages(databaseUrl, room, count)
    const caller = app.createCaller({ userId })
    const found: string[] = []
    for (const messageId of messageIds) {
      const { olderCursor } = await caller.message.around({ roomId, messageId, limit: 1 })
      if (olderCursor !== null) found.push(olderCursor)
    }
    return found
  },
  explainLastRead: () => statements.explainLastRead(),
})
