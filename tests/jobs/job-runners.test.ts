import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { completeConfig } from '../../server/config.ts'
import { Database } from '../../server/db/database.ts'
import { transact } from '../../server/db/transaction.ts'
import { JOB_CLASSES } from '../../server/jobs/job-class.ts'
import { addJob } from '../../server/jobs/job-queue.ts'
import { JobRunners, type JobTasks } from '../../server/jobs/job-runners.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

const log = pino({ level: 'silent' })

let testDatabase: TestDatabase
let database: Database
let runners: JobRunners | undefined

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = new Database(completeConfig({ databaseUrl: testDatabase.url }), log)
})

afterEach(async () => {
  await runners?.stop()
  await sql`delete from graphile_worker._private_jobs`.execute(database.db)
})

afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

async function run(tasks: JobTasks, bounds: Partial<typeof JOB_CLASSES> = {}): Promise<void> {
  runners = new JobRunners(database, log, tasks, { ...JOB_CLASSES, ...bounds })
  await runners.start()
}

const ask = (task: string, key: string) =>
  transact(database.db, (tx) => addJob(tx, { task, key, payload: { key }, runAt: new Date() }))

const keyOf = (payload: unknown): string =>
  typeof payload === 'object' && payload !== null && 'key' in payload ? String(payload.key) : ''

/** A task whose jobs wait until the test lets them go or they are told to end. */
function heldTask() {
  const begun: string[] = []
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: hasBegun, resolve: onBegin } = Promise.withResolvers<void>()
  const task = async (payload: unknown, signal: AbortSignal) => {
    begun.push(keyOf(payload))
    onBegin()
    const { promise: told, reject } = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    await Promise.race([released, told])
  }
  return { task, begun, hasBegun, release }
}

/** A task that says which of its jobs have run. */
function notedTask() {
  const { promise: done, resolve } = Promise.withResolvers<string>()
  return { task: async (payload: unknown) => resolve(keyOf(payload)), done }
}

/** Where a database is reached, by a port or by a socket in a directory. */
function targetOf(databaseUrl: string): { port: number } | { path: string } {
  const { hostname, port } = new URL(databaseUrl)
  const directory = decodeURIComponent(hostname)
  return directory.startsWith('/') ? { path: `${directory}/.s.PGSQL.${port}` } : { port: Number(port || 5_432) }
}

function throughProxy(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${port}`
  return url.href
}

const jobs = async () =>
  (
    await sql<{ key: string; attempts: number; last_error: string | null }>`
      select key, attempts, last_error from graphile_worker.jobs order by key`.execute(database.db)
  ).rows

describe('jobs', () => {
  test('of one class are not held up by those of another, however many are stuck', async () => {
    const [long, outgoing, quick] = [heldTask(), heldTask(), notedTask()]
    await run({ quick: { send: quick.task }, long: { crawl: long.task }, outgoing: { call: outgoing.task } })
    for (let index = 0; index < 12; index++) {
      await ask('crawl', `crawl-${index}`)
      await ask('call', `call-${index}`)
    }
    await Promise.all([long.hasBegun, outgoing.hasBegun])
    await ask('send', 'send-1')
    expect(await quick.done).toBe('send-1')
    expect(long.begun).toHaveLength(JOB_CLASSES.long.concurrency)
    expect(outgoing.begun.length).toBeLessThanOrEqual(JOB_CLASSES.outgoing.concurrency)
    long.release()
    outgoing.release()
  })

  test('that take longer than their class allows are told to end, count as failed and make room for the next', async () => {
    const [stuck, next] = [heldTask(), notedTask()]
    await run({ long: { crawl: stuck.task, note: next.task } }, { long: { concurrency: 1, maxMs: 100 } })
    await ask('crawl', 'crawl')
    await stuck.hasBegun
    await ask('note', 'note')
    expect(await next.done).toBe('note')
    await expect.poll(jobs).toContainEqual({
      key: 'crawl',
      attempts: 1,
      last_error: expect.stringContaining('Unable to continue; a job of this class may take 0.1 s'),
    })
  })

  test('that ignore their signal hold no place in their class once their time is over', async () => {
    const { promise: never } = Promise.withResolvers<void>()
    const next = notedTask()
    await run({ quick: { hang: () => never, note: next.task } }, { quick: { concurrency: 1, maxMs: 100 } })
    await ask('hang', 'hang')
    await ask('note', 'note')
    expect(await next.done).toBe('note')
  })

  test('that end while the database is away end nothing else, and others run when it is back', async () => {
    await using proxy = await startTcpProxy(targetOf(testDatabase.url))
    const far = new Database(completeConfig({ databaseUrl: throughProxy(testDatabase.url, proxy.port) }), log)
    const [held, next] = [heldTask(), notedTask()]
    const farRunners = new JobRunners(far, log, { quick: { hold: held.task, note: next.task } })
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    try {
      await farRunners.start()
      await ask('hold', 'hold')
      await held.hasBegun
      proxy.cut()
      held.release()
      // The rejection of a connection that is refused comes a few turns later, as it would without a handler.
      await expect(sql`select 1`.execute(far.db)).rejects.toThrow()
      proxy.mend()
      await ask('note', 'note')
      expect(await next.done).toBe('note')
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', onUnhandled)
      await farRunners.stop()
      await far.close()
    }
  })

  test('under way end when the server stops, and are kept for another', async () => {
    const stuck = heldTask()
    await run({ long: { crawl: stuck.task } })
    await ask('crawl', 'crawl')
    await stuck.hasBegun
    await runners?.stop()
    expect((await jobs()).map(({ key }) => key)).toEqual(['crawl'])
  })
})
