import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openBenchPostgres } from './harness/bench-postgres.ts'
import { Cell } from './harness/cell.ts'
import type { HeapReport } from './peers/server-calls.ts'

/*
 * Lets many clients connect, subscribe and go, in every way a client goes, and compares the server with itself: the same handles
 * as before the first one, and no more memory in use than after the first thousand. Ends with exit code 1 where something is left.
 */

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, connections: { type: 'string' } },
})

const LAYOUT = { rooms: 50, members: 20 }
const WARM_UP = 1_000
const CONNECTIONS = Number(values.connections ?? (values.quick ? 2_000 : 100_000))
/** What caches and the compiler may still add; a leak of 50 bytes for each connection is more in the whole run. */
const TOLERANCE_BYTES = 3 << 20
/** Leases of presence and idle connections to Postgres end by themselves, the latter after 30 s. */
const PATIENCE_MS = 45_000
const MEBIBYTE = 1 << 20

const say = (text: string) => process.stdout.write(`${text}\n`)

/** Handles that are there now and were not before, by kind. */
function leftHandles(before: HeapReport, now: HeapReport): string[] {
  return Object.entries(now.handles).flatMap(([kind, count]) => {
    const more = count - (before.handles[kind] ?? 0)
    return more > 0 ? [`${more} ${kind}`] : []
  })
}

/** Looks until nothing is left, or for as long as things may take to go. */
async function settled(cell: Cell, isDone: (report: HeapReport) => boolean): Promise<HeapReport> {
  const deadline = performance.now() + PATIENCE_MS
  while (true) {
    const report = await cell.server.call('collect')
    if (isDone(report) || performance.now() > deadline) return report
    await delay(1_000)
  }
}

async function main(): Promise<boolean> {
  await using postgres = await openBenchPostgres()
  await using cell = await Cell.open(postgres, 'confab')
  await cell.server.call('seed', LAYOUT)
  const start = await cell.server.call('collect')
  const churn = (total: number) => cell.generator.call('churn', { port: cell.server.port, layout: LAYOUT, total })

  await churn(WARM_UP)
  const base = await settled(cell, (report) => leftHandles(start, report).length === 0)
  say(`after ${WARM_UP} connections: ${shown(base)}`)
  const started = performance.now()
  await churn(CONNECTIONS)
  const seconds = (performance.now() - started) / 1_000
  const isClean = (report: HeapReport) =>
    leftHandles(start, report).length === 0 && report.usedBytes - base.usedBytes < TOLERANCE_BYTES
  const end = await settled(cell, isClean)
  say(`after ${CONNECTIONS} more, in ${seconds.toFixed(0)} s: ${shown(end)}`)

  const grown = end.usedBytes - base.usedBytes
  say(
    `memory in use: ${(grown / MEBIBYTE).toFixed(2)} MiB more, ${(grown / CONNECTIONS).toFixed(0)} bytes a connection`,
  )
  say(`handles left: ${leftHandles(start, end).join(', ') || 'none'}`)
  return isClean(end)
}

const shown = ({ usedBytes, handles }: HeapReport): string =>
  `${(usedBytes / MEBIBYTE).toFixed(2)} MiB in use, handles ${JSON.stringify(handles)}`

const isClean = await main()
say(isClean ? 'Nothing is left.' : 'Something is left.')
process.exitCode = isClean ? 0 : 1
