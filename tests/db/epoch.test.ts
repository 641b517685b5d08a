import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { type App, type AppOptions, createApp } from '../../server/app.ts'
import { completeConfig } from '../../server/config.ts'
import { Database } from '../../server/db/database.ts'
import type { Tuning } from '../../server/tuning.ts'
import { type ChatClient, createChatClient, type RoomEvent } from '../../shared/index.ts'
import { EventLog } from '../support/event-log.ts'
import { findInstalledPostgres, openInstalledClusters } from '../support/installed-postgres.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { statementsByConnection } from '../support/watched-statements.ts'

const PROJECT = join(import.meta.dirname, '../..')

let scene = new AsyncDisposableStack()

afterEach(async () => {
  await scene.disposeAsync()
  scene = new AsyncDisposableStack()
})

interface Running {
  app: App
  client: ChatClient
  say(roomId: string, content: string): Promise<unknown>
  /** What a client gets that comes back with this position. */
  resumed(roomId: string, position: string, count: number): Promise<RoomEvent[]>
  stop(): Promise<void>
}

async function run(options: AppOptions, tuning: Partial<Tuning> = {}): Promise<Running> {
  const app = createApp({ port: 0, authSecret: TEST_SECRET, logLevel: 'silent', ...options }, tuning)
  scene.defer(() => app.stop())
  const { url } = await app.start()
  const client = createChatClient({ url, token: await signToken('ada') })
  scene.defer(() => client.close())
  return {
    app,
    client,
    say: (roomId, content) => client.message.send.mutate({ roomId, clientId: newId(), content }),
    resumed: async (roomId, position, count) => {
      const log = await new EventLog(client, roomId, position).until(({ events }) => events.length >= count)
      log.stop()
      return log.events
    },
    stop: async () => {
      await client.close()
      await app.stop()
    },
  }
}

async function newDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  scene.defer(() => database.drop())
  return database
}

const positionOf = async ({ client }: Running, roomId: string) =>
  (await client.room.snapshot.query({ roomId })).position

/** What the script says. */
async function newEpoch(databaseUrl: string): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl, AUTH_SECRET: TEST_SECRET }
  const { stdout } = await promisify(execFile)(process.execPath, [join(PROJECT, 'scripts/new-epoch.ts')], {
    cwd: tmpdir(),
    env,
  })
  return stdout
}

describe('a copy of the data directory', () => {
  test('resets who comes to it from the original, and the original goes on', async () => {
    const root = await mkdtemp(join(tmpdir(), 'confab-copied-'))
    scene.defer(() => rm(root, { recursive: true, force: true }))
    const [original, copy] = [join(root, 'original'), join(root, 'copy')]
    const first = await run({ dataDir: original })
    const { id: roomId } = await first.client.room.create.mutate({ kind: 'group', name: 'Bridge' })
    await first.say(roomId, 'before the copy')
    await first.stop()
    await cp(original, copy, { recursive: true, filter: (path) => !path.includes('server.lock') })
    await promisify(execFile)('chown', ['-R', '--reference', join(original, 'postgres'), join(copy, 'postgres')])

    const again = await run({ dataDir: original })
    const position = await positionOf(again, roomId)
    await again.say(roomId, 'at the original')
    expect(await again.resumed(roomId, position, 2)).toMatchObject([
      { type: 'ready' },
      { type: 'message.created', message: { content: 'at the original' } },
    ])
    await again.stop()

    const copied = await run({ dataDir: copy })
    for (const content of ['at the copy', 'beyond the position']) await copied.say(roomId, content)
    expect(await copied.resumed(roomId, position, 2)).toMatchObject([
      { type: 'ready' },
      { type: 'reset', reason: 'epoch' },
    ])
    const here = await positionOf(copied, roomId)
    await copied.stop()
    // From its second start on the copy is an original.
    const started = await run({ dataDir: copy })
    expect(await positionOf(started, roomId)).toBe(here)
    await started.stop()
  }, 60_000)
})

describe('an epoch that is renewed', () => {
  test('on an installation that runs, resets every subscriber on every server, once', async () => {
    const database = await newDatabase()
    const servers = [
      await run({ databaseUrl: database.url }, { reconcileMs: 100 }),
      await run({ databaseUrl: database.url }, { reconcileMs: 100 }),
    ]
    const [here, there] = servers
    if (!here || !there) throw new Error('Two servers were asked for')
    const { id: roomId } = await here.client.room.create.mutate({ kind: 'group', name: 'Bridge' })
    const logs = servers.map(({ client }) => new EventLog(client, roomId))
    await Promise.all(logs.map((log) => log.until(({ events }) => events.length > 0)))
    await here.say(roomId, 'before')
    await Promise.all(logs.map((log) => log.until(({ contents }) => contents.includes('before'))))

    expect(await newEpoch(database.url)).toMatch(
      /^Renewed the epoch of database confab_\w+: [^]*every client gets a reset/,
    )
    await Promise.all(logs.map((log) => log.until(({ events }) => events.at(-1)?.type === 'reset')))
    await there.say(roomId, 'after')
    await Promise.all(logs.map((log) => log.until(({ contents }) => contents.includes('after'))))
    for (const log of logs) {
      expect(log.events.map(({ type }) => type)).toEqual(['ready', 'message.created', 'reset', 'message.created'])
      expect(new Set(log.positions.slice(0, 2).map(epochOf)).size).toBe(1)
      expect(new Set(log.positions.slice(2).map(epochOf)).size).toBe(1)
    }
    expect(await positionOf(here, roomId)).toBe(await positionOf(there, roomId))
  })
})

const epochOf = (position: string) => position.split('.')[0]

describe('a database that was restored in the same cluster', () => {
  test('beside the original has other epochs by itself, and others again once they are renewed', async () => {
    const original = await newDatabase()
    const { roomId, position } = await filled(original.url)
    const copy = await newDatabase()
    const [from, to] = [original, copy].map(({ url }) => new URL(url).pathname.slice(1))
    const maintenance = new URL('/template1', original.url).href
    await ask(maintenance, `drop database ${to}`)
    await ask(maintenance, `create database ${to} template ${from}`)
    const epochs = [epochOf(position), await epochIn(copy.url, roomId)]
    await newEpoch(copy.url)
    epochs.push(await epochIn(copy.url, roomId))
    expect(new Set(epochs).size).toBe(3)
    expect(await epochIn(original.url, roomId)).toBe(epochOf(position))
  })

  const programs = findInstalledPostgres()
  const where = programs ? '' : ' (no Postgres is installed here, so this does not run)'
  test.skipIf(!programs)(
    `from a dump has other epochs beside the original, and in its place once they are renewed${where}`,
    async () => {
      const clusters = scene.use(await openInstalledClusters(programs ?? ''))
      const postgres = await clusters.create('postgres')
      const [url, beside] = [postgres.url('postgres'), postgres.url('beside')]
      const { roomId, position } = await filled(url)
      const dump = join(clusters.root, 'dump.sql')
      await clusters.run('pg_dump', '-f', dump, url)
      const restore = (to: string) => clusters.run('psql', '-v', 'ON_ERROR_STOP=1', '-q', '-f', dump, to)

      await ask(url, 'create database beside')
      await restore(beside)
      expect(await epochIn(beside, roomId)).not.toBe(epochOf(position))

      // What the clients have seen of this is gone after the restore.
      const before = await run({ databaseUrl: url })
      await before.say(roomId, 'after the dump')
      const lost = await positionOf(before, roomId)
      await before.stop()
      for (const schema of ['public', 'graphile_worker']) await ask(url, `drop schema ${schema} cascade`)
      await ask(url, 'create schema public')
      await restore(url)
      expect(await epochIn(url, roomId)).toBe(epochOf(lost))
      expect(await newEpoch(url)).toContain('Renewed the epoch of database postgres')
      const server = await run({ databaseUrl: url })
      for (const content of ['in its place', 'beyond the position']) await server.say(roomId, content)
      expect(await server.resumed(roomId, lost, 2)).toMatchObject([
        { type: 'ready' },
        { type: 'reset', reason: 'epoch' },
      ])
    },
    60_000,
  )
})

/** A database with a room, and the room's position; nobody is connected to it any more. */
async function filled(databaseUrl: string): Promise<{ roomId: string; position: string }> {
  const server = await run({ databaseUrl })
  const { id: roomId } = await server.client.room.create.mutate({ kind: 'group', name: 'Bridge' })
  await server.say(roomId, 'before the dump')
  const position = await positionOf(server, roomId)
  await server.stop()
  return { roomId, position }
}

/** The epoch that a server on this database would give the room. */
async function epochIn(databaseUrl: string, roomId: string): Promise<string> {
  const database = new Database(completeConfig({ databaseUrl }), pino({ level: 'silent' }))
  try {
    const room = await database.db
      .selectFrom('rooms')
      .select('epoch_seed')
      .where('id', '=', roomId)
      .executeTakeFirstOrThrow()
    return database.epochOf(room.epoch_seed)
  } finally {
    await database.close()
  }
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

describe('every connection', () => {
  test('reads the history before it serves anything, once, whatever pool it is of', async () => {
    const database = await newDatabase()
    const db = new Database(completeConfig({ databaseUrl: database.url }), pino({ level: 'silent' }))
    scene.defer(() => db.close())
    await db.open()
    const asked = await statementsByConnection(async () => {
      const jobs = await db.openJobPool(2)
      const statement = { name: 'one', text: 'select 1 as one' }
      for (let round = 0; round < 3; round++) {
        await Promise.all([
          ...[1, 2, 3, 4].flatMap(() => [
            db.prepared(statement, [], { isPatient: true }),
            db.prepared(statement, [], { isPatient: false }),
            db.plannedOnce(db.db.selectFrom('rooms').select('id')),
          ]),
          ...[1, 2, 3].map(() => jobs.query('select 1 as job')),
        ])
      }
      await jobs.end()
    })
    const texts = asked.map((statements) => statements.map(({ text }) => text))
    // Four of each writer's pool, three of jobs and of calls three beside the one that opened the database.
    expect(asked).toHaveLength(4 + 4 + 3 + 4)
    const fresh = texts.filter((each) => each.some((text) => text.includes('epoch_salt')))
    expect(fresh).toHaveLength(4 + 4 + 3 + 3)
    for (const each of fresh) {
      expect(each[0]).toContain('epoch_salt')
      expect(each.slice(1).join()).not.toContain('epoch_salt')
      expect(each.length).toBeGreaterThan(1)
    }
  })
})
