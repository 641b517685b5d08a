import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, createApp } from '../../server/app.ts'
import { type ChatClient, createChatClient } from '../../shared/index.ts'
import { EventLog, gaps } from '../support/event-log.ts'
import { newId, signToken, TEST_SECRET } from '../support/test-app.ts'

let dataDir: string
let app: App
let url: string
let ada: ChatClient

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'confab-away-'))
  app = createApp({ dataDir, port: 0, authSecret: TEST_SECRET, logLevel: 'silent' }, { reconcileMs: 200 })
  url = (await app.start()).url
  ada = createChatClient({ url, token: await signToken('ada'), maxWaitMs: 0 })
})

afterAll(async () => {
  await ada.close()
  await app.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const postmaster = async () => Number((await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0])

describe('Postgres going away', () => {
  test('calls fail fast with an error that says to try again, and all goes on when it is back', async () => {
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room' })
    const log = await new EventLog(ada, roomId).until(({ events }) => events.length === 1)
    const inbox = ada.inbox.onEvent.subscribe(undefined)
    await inbox.next()

    const pid = await postmaster()
    // Stopped, it holds connections without answering; killed, it drops them. The server meets both.
    process.kill(pid, 'SIGKILL')
    const say = (content: string) => ada.message.send.mutate({ roomId, clientId: newId(), content })
    const failed = await say('while away').then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failed !== undefined) expect(failed).toMatchObject({ data: { reason: 'UNAVAILABLE', retryAfterMs: 1_000 } })

    while (!(await fetch(`${url}/readyz`)).ok) await postmaster().catch(() => undefined)
    const sent = await say('back again')
    await log.until(({ contents }) => contents.includes('back again'))
    expect(log.events.at(-1)).toMatchObject({ type: 'message.created', seq: sent.seq })
    expect(gaps(log.events)).toEqual([])
    await ada.schedule.create.mutate({ roomId, clientId: newId(), content: 'by a job', sendAt: new Date() })
    await log.until(({ contents }) => contents.includes('by a job'))
    let told = await inbox.next()
    while (!JSON.stringify(told.value).includes('back again')) told = await inbox.next()
    log.stop()
    await inbox.return?.()
  })

  test('a Postgres that does not answer is waited for a bounded time', async () => {
    const pids = await backends(await postmaster())
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    try {
      await expect(ada.auth.me.query()).rejects.toMatchObject({ data: { reason: 'UNAVAILABLE' } })
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
    while (!(await fetch(`${url}/readyz`)).ok) await postmaster()
    expect(await ada.auth.me.query()).toMatchObject({ user: { id: 'ada' } })
  })
})

/** The postmaster and what it has started. */
async function backends(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(pid)])
  return [pid, ...stdout.trim().split(/\s+/).map(Number)]
}
