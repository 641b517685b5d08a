import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { AggregatorRegistry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { appRouter } from '../../server/app-router.ts'
import { EventLog } from '../support/event-log.ts'
import { readSamples, type Sample } from '../support/metric-samples.ts'
import { newId, useTestApp } from '../support/test-app.ts'

const TOKEN = 'a token for the scraper'.replaceAll(' ', '-')
const server = useTestApp({ metricsPort: 0, metricsToken: TOKEN })

const samples = async () => readSamples(await server.app.metrics.text())

/** The sum of the samples of one name with these labels. */
const valueOf = (all: Sample[], name: string, labels: Record<string, string> = {}): number =>
  all
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)

/** How much a sample has grown since. */
async function growthSince(before: Sample[], name: string, labels: Record<string, string> = {}): Promise<number> {
  return valueOf(await samples(), name, labels) - valueOf(before, name, labels)
}

describe('metrics', () => {
  test('count connections, streams, deliveries, messages, batches and calls', async () => {
    const [ada, ben] = [await server.connect('ada'), await server.connect('ben')]
    await ben.auth.me.query()
    const { id: roomId } = await ada.room.create.mutate({ kind: 'group', name: 'Engine room', memberIds: ['ben'] })
    const logs = [new EventLog(ada, roomId), new EventLog(ben, roomId)]
    for (const log of logs) await log.until(({ events }) => events.length > 0)

    const before = await samples()
    expect(valueOf(before, 'confab_connections')).toBe(2)
    expect(valueOf(before, 'confab_subscriptions', { path: 'room.onEvent' })).toBe(2)
    for (let index = 0; index < 3; index++) {
      await ada.message.send.mutate({ roomId, clientId: newId(), content: `Number ${index}` })
    }
    for (const log of logs) await log.until(({ contents }) => contents.length === 3)

    expect(await growthSince(before, 'confab_messages_written_total')).toBe(3)
    expect(await growthSince(before, 'confab_deliveries_total')).toBe(6)
    expect(await growthSince(before, 'confab_message_batch_size_count')).toBe(3)
    expect(await growthSince(before, 'confab_message_batch_size_bucket', { le: '1' })).toBe(3)
    expect(await growthSince(before, 'confab_message_batch_duration_seconds_count')).toBe(3)
    expect(await growthSince(before, 'confab_calls_total', { path: 'message.send', reason: 'OK' })).toBe(3)
    const durations = { path: 'message.send', le: '+Inf' }
    expect(await growthSince(before, 'confab_call_duration_seconds_bucket', durations)).toBe(3)

    logs.forEach((log) => log.stop())
    await ada.auth.me.query()
    const after = await samples()
    expect(valueOf(after, 'confab_message_queue_depth')).toBe(0)
    expect(valueOf(after, 'confab_database_connections', { pool: 'calls' })).toBeGreaterThan(0)
    expect(valueOf(after, 'confab_database_connections_max')).toBe(28)
    expect(valueOf(after, 'confab_feeds')).toBe(1)
    expect(valueOf(after, 'confab_feed_ring_bytes')).toBeGreaterThan(0)
    expect(valueOf(after, 'confab_bus_up')).toBe(1)
    await ada.close()
    await ben.close()
  })

  test('tell refusals by procedure and reason, and name no procedure that is none', async () => {
    const before = await samples()
    const ada = server.caller('ada')
    await expect(ada.room.get({ roomId: newId() })).rejects.toMatchObject({ reason: 'NOT_FOUND' })
    expect((await fetch(`${server.url}/trpc/room.invent`)).status).toBe(404)
    expect(await growthSince(before, 'confab_calls_total', { path: 'room.get', reason: 'NOT_FOUND' })).toBe(1)
    const paths = new Set((await samples()).flatMap(({ labels }) => labels['path'] ?? []))
    expect([...paths].filter((path) => !(path in appRouter._def.procedures))).toEqual([])
  })

  test('tell how connections end, and count codes that peers make up as others', async () => {
    const before = await samples()
    const address = `${server.url.replace('http', 'ws')}/trpc`
    const closed = (socket: WebSocket) => new Promise((resolve) => socket.on('close', resolve))
    await closed(new WebSocket(address))
    const inventive = new WebSocket(`${address}?connectionParams=1`)
    inventive.on('open', () => inventive.close(4_999))
    await closed(inventive)
    const refused = new WebSocket(address, { headers: { origin: 'https://evil.example' } })
    await new Promise((resolve) => refused.on('error', resolve))

    expect(await growthSince(before, 'confab_connections_closed_total', { code: '4202' })).toBe(1)
    // The server sees the close a moment after the peer does.
    while ((await growthSince(before, 'confab_connections_closed_total', { code: 'other' })) < 1) await delay(5)
    expect(await growthSince(before, 'confab_connections_opened_total')).toBe(2)
    expect(await growthSince(before, 'confab_upgrades_refused_total', { status: '403' })).toBe(1)
  })

  test('of several processes can be summed', async () => {
    const readings = await server.app.metrics.readings()
    const transmitted: object[] = JSON.parse(JSON.stringify(readings))
    const summed = readSamples(await AggregatorRegistry.aggregate([transmitted, transmitted]).metrics())
    const once = await samples()
    expect(valueOf(once, 'confab_messages_written_total')).toBeGreaterThan(0)
    for (const name of ['confab_messages_written_total', 'confab_message_batch_size_bucket', 'confab_calls_total']) {
      expect(valueOf(summed, name), name).toBe(2 * valueOf(once, name))
    }
    expect(valueOf(summed, 'confab_bus_up')).toBe(1)
  })
})

describe('/metrics without a token', () => {
  const open = useTestApp({ metricsPort: 0 })

  /** The status of an answer to a request under this name. */
  const askAs = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request(
        { port: open.metricsPort, host: '127.0.0.1', path: '/metrics', headers: { host } },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        },
      )
      asked.once('error', reject).end()
    })

  test('answers to names of this machine alone, whatever leads to it', async () => {
    for (const host of ['localhost', 'localhost:9464', '127.0.0.1:9464', '[::1]:9464', 'metrics.localhost']) {
      expect([host, await askAs(host)]).toEqual([host, 200])
    }
    for (const host of ['evil.example', 'evil.example:9464', 'localhost.evil.example', '[']) {
      expect([host, await askAs(host)]).toEqual([host, 403])
    }
  })
})

describe('/metrics', () => {
  const ask = (path: string, token?: string) =>
    fetch(`http://127.0.0.1:${server.metricsPort}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })

  test('answers on its own port to who has the token, with the process’s own metrics too', async () => {
    const response = await ask('/metrics', TOKEN)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const names = new Set(readSamples(await response.text()).map(({ name }) => name))
    expect(names).toContain('confab_connections')
    expect(names).toContain('process_resident_memory_bytes')
    expect(names).toContain('nodejs_eventloop_lag_p99_seconds')
    // What goes through every socket has no place in a scrape.
    expect([...names].filter((name) => /open_fds|_active_/.test(name))).toEqual([])
  })

  test('answers nobody else, and nothing else', async () => {
    expect((await ask('/metrics')).status).toBe(401)
    expect((await ask('/metrics', `${TOKEN}x`)).status).toBe(401)
    expect((await ask('/metrics', 'x'.repeat(TOKEN.length))).status).toBe(401)
    expect((await ask('/healthz', TOKEN)).status).toBe(404)
  })

  test('does not answer on the port of the clients', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect((await fetch(`${server.url}/metrics`, { headers })).status).toBe(404)
  })
})
