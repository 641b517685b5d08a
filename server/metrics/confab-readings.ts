import type { Bus } from '../bus/bus.ts'
import type { Database } from '../db/database.ts'
import type { TrafficLog } from '../http/traffic-log.ts'
import type { Reconciler } from '../lib/reconciler.ts'
import type { FeedHub } from '../log/live/feed-hub.ts'
import type { MessageWriter } from '../message/message-writer.ts'
import type { CallMetrics } from '../rpc/call-metrics.ts'
import type { SearchIndexer } from '../search/search-indexer.ts'
import type { TransportCounts } from '../transport/handler-core.ts'
import { counter, gauge, histogram, type Reading } from './reading.ts'

/** The objects whose plain counters are read. None of them knows about metrics. */
export interface MetricSources {
  transport: { connections: number; counts: TransportCounts }
  traffic: TrafficLog
  callMetrics: CallMetrics
  messages: MessageWriter
  feeds: FeedHub
  reconciler: Reconciler
  database: Database
  searchIndexer: SearchIndexer
  bus: Bus
}

/** The current values of all Confab metrics. Each label has few values: procedures, codes, reasons, limits, pools. */
export const confabReadings = (sources: MetricSources): Reading[] => [
  ...connectionReadings(sources),
  ...callReadings(sources.callMetrics),
  ...messageReadings(sources.messages),
  ...feedReadings(sources),
  gauge(
    'confab_search_rooms_waiting',
    'Rooms with messages that are not in the search index yet',
    sources.searchIndexer.waiting,
  ),
  ...databaseReadings(sources.database),
]

function connectionReadings({ transport, traffic }: MetricSources): Reading[] {
  return [
    gauge('confab_connections', 'Open WebSocket connections', transport.connections),
    counter('confab_connections_opened_total', 'WebSocket connections opened', traffic.opened),
    counter('confab_connections_closed_total', 'WebSocket connections closed, by close code', [
      ...byLabel('code', traffic.closed),
    ]),
    counter(
      'confab_upgrades_refused_total',
      'WebSocket upgrades refused, by status: 403 for the origin, others for the path or form',
      [...byLabel('status', traffic.upgradesRefused)],
    ),
    counter('confab_over_limit_total', 'Connection limits exceeded, by limit; queuedBytes means a slow consumer', [
      ...byLabel('limit', traffic.overLimit),
    ]),
    counter(
      'confab_deliveries_total',
      'Events sent over WebSocket, counted once per subscriber',
      transport.counts.deliveries,
    ),
    counter('confab_http_responses_total', 'HTTP responses, by status', [...byLabel('status', traffic.responses)]),
  ]
}

function callReadings({ procedures }: CallMetrics): Reading[] {
  const all = [...procedures]
  return [
    gauge(
      'confab_subscriptions',
      'Open subscription streams over all transports, by procedure',
      all.flatMap(([path, { streams }]) => (streams === undefined ? [] : [{ labels: { path }, value: streams }])),
    ),
    counter(
      'confab_calls_total',
      'Calls, by procedure and reason; the reason is OK or that of the error',
      all.flatMap(([path, { outcomes }]) =>
        [...outcomes].map(([reason, value]) => ({ labels: { path, reason }, value })),
      ),
    ),
    histogram(
      'confab_call_duration_seconds',
      'Duration of queries and mutations, by procedure',
      all.flatMap(([path, { streams, seconds }]) =>
        streams === undefined ? [{ labels: { path }, histogram: seconds }] : [],
      ),
    ),
  ]
}

function messageReadings({ counts, queued }: MessageWriter): Reading[] {
  const { messages, repeats, lockWaits, sizes, seconds } = counts
  return [
    counter('confab_messages_written_total', 'Messages written and acknowledged', messages),
    histogram('confab_message_batch_size', 'Sends per batch statement', [{ labels: {}, histogram: sizes }]),
    histogram('confab_message_batch_duration_seconds', 'Duration of a batch statement with its commit', [
      { labels: {}, histogram: seconds },
    ]),
    counter(
      'confab_message_batch_repeats_total',
      'Batch statements repeated because another writer was first',
      repeats,
    ),
    counter('confab_message_lock_waits_total', 'Batches that timed out waiting for a locked room', lockWaits),
    gauge('confab_message_queue_depth', 'Sends waiting for the next batch, by lane', [
      ...queued.lanes.map((value, lane) => ({ labels: { lane }, value })),
      { labels: { lane: 'contended' }, value: queued.contended },
    ]),
  ]
}

function feedReadings({ feeds, reconciler, bus }: MetricSources): Reading[] {
  const { fills, finds } = feeds.counts
  return [
    gauge('confab_feeds', 'Rooms that this process follows', feeds.size),
    gauge('confab_feed_ring_bytes', 'Bytes held by the rings of recent events', feeds.ringBytes),
    counter(
      'confab_gap_fills_total',
      'Log reads caused by a suspected gap, by outcome: found, nothing (it had arrived meanwhile) or failed',
      Object.entries(fills).map(([outcome, value]) => ({ labels: { outcome }, value })),
    ),
    counter(
      'confab_reconcile_finds_total',
      'Rooms that the poll found ahead of their feed because the bus lost or delayed an event',
      finds,
    ),
    counter('confab_reconcile_failures_total', 'Reconcile rounds that failed', reconciler.failures),
    gauge(
      'confab_reconcile_age_seconds',
      'Seconds since the last successful reconcile',
      reconciler.ageMs / 1_000,
      'max',
    ),
    gauge('confab_bus_up', '1 if messages reach the other nodes, otherwise 0', bus.isUp ? 1 : 0, 'min'),
  ]
}

function databaseReadings({ poolUse }: Database): Reading[] {
  const states = poolUse.flatMap(({ pool, used, idle }) => [
    { labels: { pool, state: 'used' }, value: used },
    { labels: { pool, state: 'idle' }, value: idle },
  ])
  return [
    gauge('confab_database_connections', 'Connections to Postgres, by pool and state', states),
    gauge(
      'confab_database_connections_max',
      'Maximum number of connections, by pool',
      poolUse.map(({ pool, max }) => ({ labels: { pool }, value: max })),
    ),
    gauge(
      'confab_database_waiting',
      'Statements waiting for a connection, by pool',
      poolUse.map(({ pool, waiting }) => ({ labels: { pool }, value: waiting })),
    ),
  ]
}

const byLabel = (label: string, counts: ReadonlyMap<string, number>) =>
  [...counts].map(([key, value]) => ({ labels: { [label]: key }, value }))
