import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { createChatClient } from '../../shared/index.ts'
import { Dice } from '../faults/dice.ts'
import { errorData, INNARDS } from '../rpc/refusal.ts'
import { newId, signToken } from '../support/test-app.ts'
import { WirePeer } from '../transport/wire-peer.ts'
import { FrameFuzzer, type FuzzedFrame, type FuzzedRequest } from './fuzzed-frames.ts'
import type { FuzzedWorld } from './fuzzed-input.ts'
import { MAX_HOLD_MS, type ProbedServer, startProbedServer } from './probed-server.ts'

const USAGE = `Sends a server what no honest client sends, over WebSocket and HTTP, and checks that every call is answered or its
connection closed with a reason, that no answer shows the server's insides, that no frame holds the event loop for
longer than ${MAX_HOLD_MS} ms of CPU time, and that the memory comes back.

  npm run fuzz-wire                              two minutes
  npm run fuzz-wire -- --minutes 30 --seed 7     longer; the same seed makes the same frames

It starts a server and a Postgres of its own and touches no others.
`

/** How long a call may take to be answered. */
const ANSWER_MS = 15_000
const HEALTH_MS = 500
/** What may stay in memory for caches that are bounded: compiled code, statements, rooms that were used of late. */
const MEMORY_MARGIN = 32 << 20
const USERS = 60
/** After so many rounds the world is built again: fuzzing bans its users and freezes its rooms. */
const ROUNDS_OF_WORLD = 100

const say = (text: string) => void process.stdout.write(`${text}\n`)

class Findings {
  readonly #dir: Promise<string>
  count = 0

  constructor() {
    this.#dir = mkdtemp(join(tmpdir(), 'confab-fuzz-'))
  }

  async add(what: string, evidence: unknown): Promise<void> {
    const file = join(await this.#dir, `${++this.count}.json`)
    await writeFile(file, JSON.stringify({ what, evidence }, null, 1) ?? '')
    say(`FOUND ${what} (${file})`)
  }
}

interface Target {
  server: ProbedServer
  world: FuzzedWorld
  findings: Findings
  /** Answers by reason, so that it shows how deep the calls came. */
  answers: Map<string, number>
}

/** New rooms, and users who may come in, whatever became of those before. */
async function buildWorld(url: string): Promise<FuzzedWorld> {
  const host = createChatClient({ url, token: () => signToken('host', { role: 'service' }) })
  await host.wordFilter.update.mutate({ words: [] })
  const userIds = Array.from({ length: USERS }, (_, at) => `user-${at}`)
  for (const id of userIds) {
    await host.user.upsert.mutate({ id, name: `User ${id}` })
    await host.user.unban.mutate({ userId: id })
  }
  const roomIds: string[] = []
  const messageIds: string[] = []
  for (let at = 0; at < 8; at++) {
    const kind = at % 2 === 0 ? 'group' : 'channel'
    const room = await host.room.create.mutate({
      kind,
      name: `Room ${at}`,
      memberIds: userIds.slice(1),
      ownerId: 'user-0',
    })
    roomIds.push(room.id)
    for (let sent = 0; sent < 5; sent++) {
      const send = { roomId: room.id, clientId: newId(), content: 'The pump of the engine room', asUserId: 'user-1' }
      messageIds.push((await host.message.send.mutate(send)).id)
    }
  }
  await host.close()
  return { userIds, roomIds, messageIds }
}

/** One connection with some frames on it. */
async function exchange(target: Target, frames: FuzzedFrame[], token: string): Promise<void> {
  const { server, findings } = target
  const peer = new WirePeer(`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`)
  await once(peer.socket, 'open')
  peer.send({ method: 'connectionParams', data: { token } })
  const ids = new Set<string | number>()
  for (const { data, ids: named } of frames) {
    for (const id of named) ids.add(id)
    if (peer.socket.readyState === WebSocket.OPEN) peer.socket.send(data)
  }
  const isAnswered = () => {
    for (const { id } of peer.messages) if (id !== null && id !== undefined) ids.delete(id)
    return ids.size === 0
  }
  const deadline = performance.now() + ANSWER_MS
  while (!peer.closed && !isAnswered() && performance.now() < deadline) await sleep(5)
  if (!peer.closed && ids.size > 0) {
    await findings.add(`${ids.size} calls without an answer`, { ids: [...ids].slice(0, 5), frames: printable(frames) })
  }
  if (peer.closed && peer.of(null).length === 0) {
    await findings.add('a connection closed without a reason', { closed: peer.closed, frames: printable(frames) })
  }
  await checkTexts(target, peer.texts, printable(frames))
  peer.socket.close()
}

const printable = (frames: FuzzedFrame[]) => frames.map(({ data }) => data.toString())

async function checkTexts({ findings, answers }: Target, texts: string[], evidence: unknown): Promise<void> {
  for (const text of texts) {
    const reason = /"reason":"(\w+)"/.exec(text)?.[1] ?? 'OK'
    answers.set(reason, (answers.get(reason) ?? 0) + 1)
    if (INNARDS.test(text)) await findings.add('an answer that shows the insides', { text, evidence })
    if (text.includes('"reason":"INTERNAL"')) await findings.add('an unexpected error', { text, evidence })
  }
}

async function request(
  target: Target,
  { method, path, body, contentType }: FuzzedRequest,
  token: string,
): Promise<void> {
  const { server, findings } = target
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), ANSWER_MS)
  const headers = { authorization: `Bearer ${token}`, 'content-type': contentType }
  const evidence = { method, path, body }
  try {
    const init = { method, headers, signal: controller.signal, ...(body === undefined ? {} : { body }) }
    const response = await fetch(`${server.url}${path}`, init)
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (isStream) return controller.abort()
    const text = await response.text()
    if (response.status >= 500) await findings.add(`an answer of ${response.status}`, { text, evidence })
    await checkTexts(target, [text], evidence)
    // A request line of more than 16 KiB is refused by Node's own parser.
    const isExplained =
      response.status < 400 ||
      response.status === 431 ||
      method === 'HEAD' ||
      text.includes('"reason":') ||
      !path.startsWith('/trpc/')
    if (!isExplained && !path.startsWith('/trpc/?') && text !== '' && errorData(text) === undefined) {
      await findings.add(`a refusal without a reason (${response.status})`, { text, evidence })
    }
  } catch (error) {
    await findings.add('a request without an answer', { error: String(error), evidence })
  } finally {
    clearTimeout(timer)
  }
}

/** What held the loop for too long must do it each time: else it was a collection of garbage, or a compilation. */
async function checkHold({ server, findings }: Target, again: () => Promise<void>, evidence: unknown): Promise<number> {
  let hold = await server.longestHold()
  for (let attempt = 0; attempt < 3 && hold > MAX_HOLD_MS; attempt++) {
    await again()
    hold = Math.min(hold, await server.longestHold())
  }
  if (hold > MAX_HOLD_MS) await findings.add(`the loop was held for ${hold.toFixed(0)} ms`, evidence)
  return hold
}

async function fuzz(minutes: number, seed: number): Promise<number> {
  const server = await startProbedServer({})
  const findings = new Findings()
  const world = await buildWorld(server.url)
  const target: Target = { server, world, findings, answers: new Map() }
  const dice = new Dice(seed)
  const fuzzer = new FrameFuzzer(dice, world)
  const someone = () =>
    dice.chance(0.1)
      ? 'a.b.c'
      : signToken(dice.oneOf(world.userIds) ?? 'user-0', dice.chance(0.2) ? { role: 'service' } : {})
  const tally = { connections: 0, frames: 0, requests: 0, longestMs: 0, slowestHealthMs: 0 }
  let base: number | undefined
  const begun = performance.now()
  const endsAt = begun + minutes * 60_000
  const warmedUpAt = begun + (endsAt - begun) / 4
  for (let round = 1; performance.now() < endsAt && findings.count < 20; round++) {
    if (round % ROUNDS_OF_WORLD === 0) Object.assign(world, await buildWorld(server.url))
    if (base === undefined && performance.now() > warmedUpAt) base = await server.memory()
    const token = await someone()
    let hold: number
    if (dice.chance(0.3)) {
      const fuzzed = fuzzer.request()
      await request(target, fuzzed, token)
      hold = await checkHold(target, async () => request(target, fuzzed, await someone()), fuzzed)
      tally.requests++
    } else {
      const frames = Array.from({ length: 1 + Math.floor(dice.between(0, 6)) }, () => fuzzer.frame())
      await exchange(target, frames, token)
      hold = await checkHold(target, async () => exchange(target, frames, await someone()), printable(frames))
      tally.connections++
      tally.frames += frames.length
    }
    tally.longestMs = Math.max(tally.longestMs, hold)
    const healthMs = await server.health()
    tally.slowestHealthMs = Math.max(tally.slowestHealthMs, healthMs)
    if (healthMs > HEALTH_MS) await findings.add(`/healthz took ${healthMs.toFixed(0)} ms`, {})
  }
  const unexpected = server.server
    .output()
    .split('\n')
    .filter((line) => line.includes('unexpected error'))
  for (const line of unexpected.slice(0, 5)) await findings.add('an unexpected error in the log', line)
  await sleep(1_000)
  const grown = (await server.memory()) - (base ?? 0)
  if (grown > MEMORY_MARGIN) await findings.add(`memory grew by ${(grown / 2 ** 20).toFixed(1)} MiB`, {})
  await server.stop()
  say(JSON.stringify(Object.fromEntries([...target.answers].toSorted((a, b) => b[1] - a[1]))))
  say(
    JSON.stringify({ seed, minutes, ...tally, grownMiB: Number((grown / 2 ** 20).toFixed(1)), found: findings.count }),
  )
  return findings.count
}

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
})
if (values.help) say(USAGE)
else {
  const minutes = Number(values.minutes ?? 2)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  say(`fuzzing for ${minutes} minutes, --seed ${seed}`)
  process.exitCode = (await fuzz(minutes, seed)) === 0 ? 0 : 1
}
