import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { answerParent } from '../harness/remote.ts'
import type { Layout } from './layout.ts'
import { markedText } from './marked-text.ts'

/** Publishing inside the server: the way of a message without the database. */
export interface PublishPlan {
  /** Events of one turn of the event loop. */
  perTurn: number
  /** From the start of a turn to the start of the next; a turn that takes longer is followed at once. */
  intervalMs: number
  durationMs: number
  /** Events go to so many rooms, one after the other. */
  rooms: number
  /** The number of the first event. */
  from: number
  textLength: number
}

export interface PostPlan {
  rooms: number
  /** Of each room; its first one sends. */
  members: number
  messages: number
  /** The number of the first one. */
  from: number
  textLength: number
}

export interface Published {
  events: number
  turns: number
}

export interface HeapReport {
  /** Objects and buffers that are in use. */
  usedBytes: number
  /** Sockets, timers and the like that keep the process alive, by kind. */
  handles: Record<string, number>
}

/** What the parent asks of a server process beside what it serves. Not every system offers everything. */
export interface ServerCalls {
  /** Makes the tables, the users, the rooms and their members. */
  seed(layout: Layout): Promise<void>
  publish(plan: PublishPlan): Promise<Published>
  /** Sends through the whole way of a message, from within; to the rooms in turn. */
  post(plan: PostPlan): Promise<void>
  /** Collects garbage, so that memory is compared and not the collector's mood. */
  collect(): Promise<HeapReport>
  /** Samples where the CPU goes, from now until `stopProfile`, which writes it to a file. */
  startProfile(): Promise<void>
  stopProfile(file: string): Promise<void>
  /** How often each statement ran since the last time this was asked. */
  statements(): Promise<Record<string, number>>
  /** Fills a room with so many messages of its members. */
  fill(plan: { room: number; messages: number }): Promise<void>
  /** Cursors of `message.list` at so many random places of a room. */
  cursors(plan: { room: number; count: number }): Promise<string[]>
  /** The plans of the statement that read messages last, by node. */
  explainLastRead(): Promise<string[]>
}

export type Publish = (event: number, room: number) => void

/** Publishes turn after turn. */
export async function publishTurns(plan: PublishPlan, publish: Publish): Promise<Published> {
  const started = performance.now()
  let turns = 0
  let events = 0
  while (performance.now() - started < plan.durationMs) {
    for (let count = 0; count < plan.perTurn; count++, events++) {
      publish(plan.from + events, (plan.from + events) % plan.rooms)
    }
    turns++
    await delay(Math.max(1, started + turns * plan.intervalMs - performance.now()))
  }
  return { events, turns }
}

const POSTS_AT_ONCE = 32

/** Sends all of a plan, some at a time; each room's own in order. */
export async function postAll(plan: PostPlan, post: (room: number, text: string) => Promise<unknown>): Promise<void> {
  const abreast = Math.min(POSTS_AT_ONCE, plan.rooms)
  for (let done = 0; done < plan.messages; done += abreast) {
    const count = Math.min(abreast, plan.messages - done)
    await Promise.all(
      Array.from({ length: count }, (_, at) =>
        post((done + at) % plan.rooms, markedText(plan.from + done + at, plan.textLength)),
      ),
    )
  }
}

async function collect(): Promise<HeapReport> {
  for (let round = 0; round < 3; round++) {
    await delay(50)
    // Of all flavors the one that gives free pages back to the system.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { usedBytes: heapUsed + arrayBuffers, handles }
}

const profiler = new Session()

async function startProfile(): Promise<void> {
  profiler.connect()
  await profiler.post('Profiler.enable')
  await profiler.post('Profiler.start')
}

async function stopProfile(file: string): Promise<void> {
  const { profile } = await profiler.post('Profiler.stop')
  await writeFile(file, JSON.stringify(profile))
  profiler.disconnect()
}

/** Answers the parent for a server that listens on `port`. */
export function serveParent(port: number, calls: Partial<ServerCalls>): void {
  answerParent<Partial<ServerCalls>>({ collect, startProfile, stopProfile, ...calls }, { port })
}

/** A variable that the parent has set. */
export function given(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`Unable to start; ${name} is not set`)
  return value
}
