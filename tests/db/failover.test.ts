import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import { type ChatClient, createChatClient } from '../../shared/index.ts'
import { EventLog } from '../support/event-log.ts'
import {
  findInstalledPostgres,
  type InstalledPostgres,
  type MovingAddress,
  openInstalledClusters,
} from '../support/installed-postgres.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'

const programs = findInstalledPostgres()

/** A server that is connected to the primary all the time, and to its replica from when the primary is gone. */
describe.skipIf(!programs)(
  `a failover${programs ? '' : ' (no Postgres is installed here, so this does not run)'}`,
  () => {
    const scene = new AsyncDisposableStack()
    let primary: InstalledPostgres
    let standby: InstalledPostgres
    let address: MovingAddress
    let app: App
    let client: ChatClient

    const newApp = () => createApp({ databaseUrl: address.url, port: 0, authSecret: TEST_SECRET, logLevel: 'silent' })

    beforeAll(async () => {
      const clusters = scene.use(await openInstalledClusters(programs ?? ''))
      primary = await clusters.create('primary')
      standby = await clusters.replicate(primary, 'standby')
      address = await clusters.movingAddress(primary)
      app = newApp()
      scene.defer(() => app.stop())
      const { url } = await app.start()
      client = createChatClient({ url, token: await signToken('ada') })
      scene.defer(() => client.close())
    }, 60_000)

    afterAll(() => scene.disposeAsync())

    test('resets clients at once, without a checkpoint, and a standby is refused by name until then', async () => {
      const { id: roomId } = await client.room.create.mutate({ kind: 'group', name: 'Bridge' })
      const say = (content: string) => client.message.send.mutate({ roomId, clientId: newId(), content })
      await say('before')
      const log = new EventLog(client, roomId)
      await log.until(({ events }) => events.length === 1)
      await caughtUp(primary, standby)

      await address.leadTo(standby)
      await primary.kill()
      const early = newApp()
      await expect(early.start()).rejects.toThrow('Unable to use this Postgres; it is a standby, which takes no writes')
      await early.stop()
      const read = app.createCaller({ userId: 'ada' }).room.snapshot({ roomId })
      await expect(read).rejects.toMatchObject({ reason: 'UNAVAILABLE' })

      scene.defer(await standby.holdCheckpoint())
      await standby.promote()
      await log.until(({ events }) => events.length > 1)
      expect(log.events[1]).toMatchObject({ type: 'reset', reason: 'epoch' })
      await say('after')
      await log.until(({ contents }) => contents.includes('after'))
      const resumed = new EventLog(client, roomId, log.positions[0])
      await resumed.until(({ events }) => events.length > 1)
      expect(resumed.events.slice(0, 2)).toMatchObject([{ type: 'ready' }, { type: 'reset', reason: 'epoch' }])
      // The control file still names the timeline of the primary that is gone.
      expect(await ask(standby, 'select timeline_id as answer from pg_control_checkpoint()')).toBe(1)
    }, 40_000)
  },
)

/** Resolves when the replica has what the primary has. */
async function caughtUp(primary: InstalledPostgres, standby: InstalledPostgres): Promise<void> {
  const head = String(await ask(primary, 'select pg_current_wal_lsn()::text as answer'))
  while (!(await ask(standby, `select pg_last_wal_replay_lsn() >= '${head}' as answer`))) continue
}

async function ask(server: InstalledPostgres, text: string): Promise<unknown> {
  const client = new Client({ connectionString: server.url('postgres') })
  await client.connect()
  try {
    const { rows } = await client.query<{ answer: unknown }>(text)
    return rows[0]?.answer
  } finally {
    await client.end()
  }
}
