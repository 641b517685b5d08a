import { setTimeout as delay } from 'node:timers/promises'
import { type Layout, layoutRoomId, memberIdOf, userCount } from '../peers/layout.ts'
import type { Audience, Participant } from './participant.ts'
import { TrpcParticipant } from './trpc-participant.ts'

export interface ChurnPlan {
  port: number
  layout: Layout
  total: number
}

const AT_ONCE = 100
/** Without a single new one in this time, the server is stuck. */
const STUCK_MS = 20_000

/** Some go again before they are subscribed. */
const HASTY = { every: 4, withinMs: 8 }

/** How the others go: by a reset, by a close, or after they have unsubscribed. */
const GOODBYES = [
  (participant: Participant) => participant.drop(),
  (participant: Participant) => participant.close(),
  (participant: Participant) => {
    participant.unsubscribe()
    participant.close()
  },
]

/** Users of Confab who connect, subscribe and go again, some at a time, until so many have. */
export class Churn implements Audience {
  readonly #plan: ChurnPlan
  #started = 0
  #done = 0

  constructor(plan: ChurnPlan) {
    this.#plan = plan
  }

  async run(): Promise<void> {
    for (let count = 0; count < Math.min(AT_ONCE, this.#plan.total); count++) this.#next()
    let seen = { done: 0, at: performance.now() }
    while (this.#done < this.#plan.total) {
      await delay(50)
      if (this.#done > seen.done) seen = { done: this.#done, at: performance.now() }
      if (performance.now() - seen.at > STUCK_MS) throw new Error(`Stuck after ${this.#done} connections`)
    }
  }

  onReady(participant: Participant): void {
    if (participant.isGone) return
    GOODBYES[participant.index % GOODBYES.length]?.(participant)
  }

  onClosed(participant: Participant, why: string): void {
    if (!participant.isGone) throw new Error(`Unable to connect; ${why}`)
    this.#done++
    this.#next()
  }

  onDelivered(): void {}
  onSnapshot(): void {}
  onAnswered(): void {}

  #next(): void {
    const { port, layout, total } = this.#plan
    if (this.#started >= total) return
    const index = this.#started++
    const user = index % userCount(layout)
    const options = {
      index,
      userId: memberIdOf(user, layout),
      roomId: layoutRoomId(Math.floor(user / layout.members), layout),
      port,
      subscription: index % 5 === 0 ? ('inbox' as const) : ('room' as const),
      keepsPlace: false,
      place: undefined,
    }
    const participant = new TrpcParticipant(options, this, true)
    if (index % HASTY.every === 0) setTimeout(() => participant.drop(), Math.random() * HASTY.withinMs)
  }
}
