import { Dice } from './dice.ts'
import type { Fault } from './fault.ts'
import { FAULT_KINDS } from './fault-kinds.ts'
import type { FaultWorld } from './fault-world.ts'
import { Guest } from './guest.ts'
import type { GuestJournal, Journal } from './journal.ts'
import { checkJournals } from './journal-checker.ts'
import { chatOf, JournalingClient, type Place } from './journaling-client.ts'
import { measure } from './measure.ts'
import { aborted, persistently } from './patience.ts'
import { readStoredRoom } from './room-witness.ts'
import { Tally } from './tally.ts'
import { connectEvenly } from './worker-choice.ts'

export interface RoundPlan {
  seed: number
  /** How long things go wrong. */
  seconds: number
  /** Names of `FAULT_KINDS`. */
  faults: string[]
  /** After the last fault, so long may it take until everybody has everything. */
  settleSeconds?: number
}

export interface RoundReport {
  /** What was promised and not held; empty is good. */
  problems: string[]
  /** How often something was broken. */
  broken: number
  tally: Tally
  /** From the last fault until everybody had everything. */
  settledMs: number
}

const SETTLE_SECONDS = 90
const CLOSE_MS = 2_000
const LAST_WORDS = 4_000
/** Of the same names, with people of the same ids in them. */
const TENANTS = ['acme', 'globex']
const ROOMS = ['Engine room', 'Bridge']
const MEMBERS = ['ada', 'ben', 'eve']
const [OWNER = ''] = MEMBERS
const GUEST = 'gus'

/** People talk, things go wrong, and when all is well again the journals are checked. Rooms are the round's own. */
export async function runRound(world: FaultWorld, plan: RoundPlan): Promise<RoundReport> {
  await using round = new AsyncDisposableStack()
  const { seed, seconds, settleSeconds = SETTLE_SECONDS } = plan
  const rooms = await openRooms(world.server.url, AbortSignal.timeout(SETTLE_SECONDS * 1_000))
  const clients = await joinRooms(world, rooms)
  const guests = rooms.map((room) => new Guest(world.url, { ...room, user: GUEST }, OWNER))
  for (const somebody of [...clients, ...guests]) {
    round.defer(async () => void (await Promise.race([somebody.close(), pass(CLOSE_MS)])))
  }
  const faults = plan.faults.map(faultOf)
  for (const fault of faults) round.defer(() => fault.mend?.(world))

  const tally = new Tally()
  const roundMs = seconds * 1_000
  const signal = AbortSignal.timeout(roundMs)
  const breaking = faults.map((fault, index) => {
    return fault.run({ world, dice: new Dice(seed + index), signal, roundMs, tally })
  })
  const talking = clients.map((client, index) => client.talk(new Dice(seed * 1_000 + index), signal))
  const visiting = Promise.all(guests.map((guest, index) => guest.visit(new Dice(seed * 2_000 + index), signal)))
  await Promise.all([...breaking, ...talking])
  const broken = [...tally.counts.values()].reduce((sum, times) => sum + times, 0)

  const overAt = performance.now()
  const settled = AbortSignal.timeout(settleSeconds * 1_000)
  const problems: string[] = []
  if ((await Promise.race([visiting, aborted(settled)])) === undefined) problems.push('the guests are not all answered')
  await Promise.all(clients.map((client) => client.answered(settled)))
  const { exitCode, signalCode } = world.server.child
  if (exitCode !== null || signalCode !== null)
    return { problems: [lastWords(world)], broken, tally, settledMs: Infinity }
  const journals = await Promise.all(
    clients.map(async (client) => client.finish(await readSnapshot(world.server.url, client.place, settled), settled)),
  )
  const settledMs = Math.round(performance.now() - overAt)
  measure(tally, plan.faults, journals)
  for (const room of rooms) problems.push(...(await checkRoom(world, room, journals, guests)))
  return { problems, broken, tally, settledMs }
}

const lastWords = ({ server: { child, output } }: FaultWorld) =>
  `the server ended by itself with ${child.signalCode ?? child.exitCode}:\n${output().slice(-LAST_WORDS)}`

/** One after the other, and not all with one worker: what it tells itself needs no bus. */
async function joinRooms(world: FaultWorld, rooms: OpenRoom[]): Promise<JournalingClient[]> {
  const clients: JournalingClient[] = []
  for (const { foreignRoomId, ...place } of rooms) {
    for (const user of MEMBERS) {
      const join = () => JournalingClient.join(world.url, { ...place, user }, foreignRoomId)
      clients.push(await connectEvenly(world, join))
    }
  }
  return clients
}

const faultOf = (name: string): Fault => {
  const fault = FAULT_KINDS[name]
  if (!fault) throw new Error(`Unable to break "${name}"; there are ${Object.keys(FAULT_KINDS).join(', ')}`)
  return fault
}

interface OpenRoom extends Omit<Place, 'user'> {
  foreignRoomId: string
}

async function checkRoom(world: FaultWorld, { tenant, roomId, mark }: OpenRoom, journals: Journal[], guests: Guest[]) {
  const isHere = (journal: GuestJournal) => journal.roomId === roomId && journal.tenant === tenant
  const stored = await readStoredRoom(world.postgres.url, tenant, roomId)
  const visitors = guests.map(({ journal }) => journal).filter(isHere)
  return checkJournals(journals.filter(isHere), stored, visitors).map((problem) => `${mark}: ${problem}`)
}

/** One of each name in each tenant. */
async function openRooms(url: string, signal: AbortSignal): Promise<OpenRoom[]> {
  const opened: Omit<OpenRoom, 'foreignRoomId'>[] = []
  for (const tenant of TENANTS) {
    const chats = [...MEMBERS, GUEST].map((user) => chatOf(url, { tenant, user }))
    const [owner] = chats
    try {
      await Promise.all(chats.map((chat) => persistently(() => chat.auth.me.query(), signal)))
      for (const name of ROOMS) {
        const room = { kind: 'group' as const, name, memberIds: MEMBERS.slice(1), clientId: crypto.randomUUID() }
        const made = await persistently(async () => owner?.room.create.mutate(room), signal)
        if (made) opened.push({ tenant, roomId: made.id, mark: `${tenant}/${name}` })
      }
    } finally {
      await Promise.all(chats.map((chat) => chat.close()))
    }
  }
  return opened.map(({ tenant, roomId, mark }, index) => {
    const foreign = opened[(index + ROOMS.length) % opened.length]
    return { tenant, roomId, mark, foreignRoomId: foreign?.roomId ?? '' }
  })
}

/** By a client that was not there before. */
async function readSnapshot(url: string, place: Place, signal: AbortSignal) {
  const chat = chatOf(url, place)
  try {
    return await persistently(() => chat.room.snapshot.query({ roomId: place.roomId, messages: 100 }), signal)
  } finally {
    await chat.close()
  }
}

async function pass(ms: number): Promise<false> {
  const { promise, resolve } = Promise.withResolvers<false>()
  setTimeout(() => resolve(false), ms).unref()
  return promise
}
