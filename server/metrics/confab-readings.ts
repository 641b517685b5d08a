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

/** Whose plain numbers are read. None of them knows of metrics. */
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

/** All metrics of Confab's own, as they are now. Each label has few values: procedures, codes, reasons, limits, pools. */
export const confabReadings = (sources: MetricSources): Reading[] => [
  ...connectionReadings(sources),
  ...callReadings(sources.callMetrics),
  ...messageReadings(sources.messages),
  ...feedReadings(sources),
  gauge(
    'confab_search_rooms_waiting',
    'Rooms with messages that the search index does not have yet',
    sources.searchIndexer.waiting,
  ),
  ...databaseReadings(sources.database),
]

function connectionReadings({ transport, traffic }: MetricSources): Reading[] {
  return [
    gauge('confab_connections', 'WebSocket connections that are open', transport.connections),
    counter('confab_connections_opened_total', 'WebSocket connections that were opened', traffic.opened),
    counter('confab_connections_closed_total', 'WebSocket connections that are gone, by close code', [
      ...byLabel('code', traffic.closed),
    ]),
    counter(
      'confab_upgrades_refused_total',
      'WebSocket upgrades refused for their origin (403), path or form, by status',
      [...byLabel('status', traffic.upgradesRefused)],
    ),
    counter('confab_over_limit_total', 'What was too much on a connection, by limit; queuedBytes is a slow consumer', [
      ...byLabel('limit', traffic.overLimit),
    ]),
    counter(
      'confab_deliveries_total',
      'Events sent over WebSocket, one for each subscriber',
      transport.counts.deliveries,
    ),
    counter('confab_http_responses_total', 'Answers over HTTP, by status', [...byLabel('status', traffic.responses)]),
  ]
}

function callReadings({ procedures }: CallMetrics): Reading[] {
  const all = [...procedures]
  return [
    gauge(
      'confab_subscriptions',
      'Streams of subscriptions that are open, over any transport, by procedure',
      all.flatMap(([path, { streams }]) => (streams === undefined ? [] : [{ labels: { path }, value: streams }])),
    ),
    counter(
      'confab_calls_total',
      'Calls by procedure and by reason, which is OK or that of the error',
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
    counter('confab_messages_written_total', 'Messages that were written and acknowledged', messages),
    histogram('confab_message_batch_size', 'Sends in one statement', [{ labels: {}, histogram: sizes }]),
    histogram('confab_message_batch_duration_seconds', 'One statement, with its commit', [
      { labels: {}, histogram: seconds },
    ]),
    counter('confab_message_batch_repeats_total', 'Statements done again as another writer was first', repeats),
    counter('confab_message_lock_waits_total', 'Batches that waited too long for a room locked by others', lockWaits),
    gauge('confab_message_queue_depth', 'Sends that wait for the next batch, by lane', [
      ...queued.lanes.map((value, lane) => ({ labels: { lane }, value })),
      { labels: { lane: 'contended' }, value: queued.contended },
    ]),
  ]
}

function feedReadings({ feeds, reconciler, bus }: MetricSources): Reading[] {
  const { fills, finds } = feeds.counts
  return [
    gauge('confab_feeds', 'Rooms whose events are followed here', feeds.size),
    gauge('confab_feed_ring_bytes', 'What the rings of recent events hold', feeds.ringBytes),
    counter(
      'confab_gap_fills_total',
      'Reads of the log as something seemed to be missing: found, nothing (it had come meanwhile), or failed',
      Object.entries(fills).map(([outcome, value]) => ({ labels: { outcome }, value })),
    ),
    counter(
      'confab_reconcile_finds_total',
      'Rooms that the poll found ahead: not brought by the bus, or not yet',
      finds,
    ),
    counter('confab_reconcile_failures_total', 'Rounds of the poll in which something failed', reconciler.failures),
    gauge(
      'confab_reconcile_age_seconds',
      'Since when the poll has not been carried through',
      reconciler.ageMs / 1_000,
      'max',
    ),
    gauge('confab_bus_up', 'Whether messages reach the other nodes, 1 or 0', bus.isUp ? 1 : 0, 'min'),
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
      'How many connections a pool may have',
      poolUse.map(({ pool, max }) => ({ labels: { pool }, value: max })),
    ),
    gauge(
      'confab_database_waiting',
      'Statements that wait for a connection, by pool',
      poolUse.map(({ pool, waiting }) => ({ labels: { pool }, value: waiting })),
    ),
  ]
}

const byLabel = (label: string, counts: ReadonlyMap<string, number>) =>
  [...counts].map(([key, value]) => ({ labels: { [label]: key }, value }))
