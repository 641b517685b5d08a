import { setTimeout as delay } from 'node:timers/promises'
import { type Layout, layoutRoomId, memberIdOf, userCount } from '../peers/layout.ts'
import type { Audience, Participant, Subscription } from './participant.ts'
import { PlainParticipant } from './plain-participant.ts'
import { LatestLedger, RoomLedger } from './room-ledger.ts'
import { SocketIoParticipant } from './socket-io-participant.ts'
import { TrpcParticipant } from './trpc-participant.ts'

export type Dialect = 'confab' | 'trpc' | 'socket.io' | 'plain'

export interface CrowdPlan {
  dialect: Dialect
  port: number
  layout: Layout
  subscription: Subscription
  /** At most so many, the first of the layout's users. */
  limit?: number
  /** They keep their places, to come back to after a drop. */
  keepsPlaces?: boolean
  /** So many of the last ones do not read. */
  stalled?: number
}

const CONCURRENCY = 100
const READY_MS = 60_000
const POLL_MS = 2
/** Between the answer to a subscription and the moment when the last server listens to its events. */
const AFTER_READY_MS = 150

/** Everybody of one run, connected and subscribed; hears what they hear, and keeps the ledger. */
export class Crowd implements Audience {
  readonly plan: CrowdPlan
  readonly participants: Participant[] = []
  readonly rooms: RoomLedger
  readonly latest: LatestLedger | undefined
  /** Called for each delivery and answer of a run. */
  onDelivery: (participant: Participant, mark: number) => void = () => undefined
  onAnswer: (call: number, refusal: string | undefined) => void = () => undefined
  #closed: string[] = []
  #isDropping = false
  #readyCount = 0
  readonly #stalledFrom: number

  constructor(plan: CrowdPlan) {
    this.plan = plan
    const size = this.size
    this.#stalledFrom = size - (plan.stalled ?? 0)
    this.rooms = new RoomLedger(
      plan.layout.rooms,
      Array.from({ length: this.#stalledFrom }, (_, user) => this.#roomOf(user)),
    )
    if (plan.subscription === 'inbox') this.latest = new LatestLedger(plan.layout.rooms, this.#stalledFrom)
  }

  get size(): number {
    return Math.min(this.plan.limit ?? Infinity, userCount(this.plan.layout))
  }

  get ledger(): RoomLedger | LatestLedger {
    return this.latest ?? this.rooms
  }

  /** Connects everybody, some at a time; resolves when all are subscribed. */
  async open(): Promise<void> {
    const deadline = performance.now() + READY_MS
    for (let user = 0; user < this.size; user++) {
      while (user - this.#readyCount >= CONCURRENCY) await this.#poll(deadline)
      this.participants[user] = this.#participant(user)
    }
    while (this.#readyCount < this.size) await this.#poll(deadline)
    await delay(AFTER_READY_MS)
    for (const participant of this.participants.slice(this.#stalledFrom)) participant.pause()
  }

  /** Connects everybody anew, evenly over so many milliseconds, whoever is ready or not; resolves when all are subscribed. */
  async comeBack(spreadMs: number): Promise<void> {
    this.#isDropping = false
    this.#readyCount = 0
    const started = performance.now()
    let user = 0
    while (user < this.size) {
      const due = ((performance.now() - started) / spreadMs) * this.size
      for (; user < Math.min(due, this.size); user++) this.participants[user] = this.#participant(user)
      await delay(1)
    }
    while (this.#readyCount < this.size) await this.#poll(started + READY_MS)
  }

  /** Resolves when the ledger is settled, or this time is over. */
  async settle(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    while (!this.ledger.isSettled()) {
      if (performance.now() > deadline) return false
      await delay(10)
    }
    return true
  }

  /** Cuts everybody off at once. */
  drop(): void {
    this.#isDropping = true
    for (const participant of this.participants) participant.drop()
  }

  faults(): string[] {
    const [first] = this.#closed
    const closed = first === undefined ? [] : [`${this.#closed.length} connections ended (${first})`]
    return [...this.ledger.faults(), ...closed]
  }

  onReady(): void {
    this.#readyCount++
  }

  onDelivered(participant: Participant, mark: number): void {
    if (participant.index >= this.#stalledFrom) return
    this.ledger.deliver(participant.index, mark)
    this.onDelivery(participant, mark)
  }

  onSnapshot(participant: Participant): void {
    if (participant.index < this.#stalledFrom) this.latest?.beginAnew(participant.index)
  }

  onAnswered(_participant: Participant, call: number, refusal: string | undefined): void {
    this.onAnswer(call, refusal)
  }

  onClosed(participant: Participant, why: string): void {
    const isFormer = this.participants[participant.index] !== participant
    if (this.#isDropping || isFormer || participant.index >= this.#stalledFrom) return
    this.#closed.push(why)
  }

  #roomOf(user: number): number {
    const { areShared = false, members } = this.plan.layout
    return areShared ? 0 : Math.floor(user / members)
  }

  #participant(user: number): Participant {
    const { port, subscription, layout, keepsPlaces = false } = this.plan
    const options = {
      index: user,
      userId: memberIdOf(user, layout),
      roomId: layoutRoomId(this.#roomOf(user), layout),
      port,
      subscription,
      keepsPlace: keepsPlaces,
      place: this.participants[user]?.place,
    }
    switch (this.plan.dialect) {
      case 'plain':
        return new PlainParticipant(options, this)
      case 'socket.io':
        return new SocketIoParticipant(options, this)
      default:
        return new TrpcParticipant(options, this, this.plan.dialect === 'confab')
    }
  }

  async #poll(deadline: number): Promise<void> {
    const [first] = this.#closed
    if (first !== undefined) throw new Error(`Unable to connect; ${first}`)
    if (performance.now() > deadline) {
      throw new Error(`Unable to connect; ${this.#readyCount} of ${this.size} were ready in time`)
    }
    await delay(POLL_MS)
  }
}
