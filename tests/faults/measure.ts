import type { Journal } from './journal.ts'
import { ANSWER_AFTER_POSTGRES, DELIVERY_WITHOUT_REDIS, RESUME_AFTER_WORKER, type Tally } from './tally.ts'

/** Who loses a connection so soon after a kill lost it by that. */
const BY_KILL_MS = 500

/** Adds what the journals tell: how much was said, and, where a round had one fault alone, how long it took to be well again. */
export function measure(tally: Tally, faults: string[], journals: Journal[]): void {
  const sends = journals.flatMap((journal) => journal.sends)
  tally.count('messages acknowledged', sends.filter(({ acknowledged }) => acknowledged.length > 0).length)
  tally.count(
    'retries',
    sends.reduce((sum, { tries }) => sum + Math.max(0, tries - 1), 0),
  )
  tally.count(
    'events seen',
    journals.reduce((sum, { events }) => sum + events.length, 0),
  )
  tally.count(
    'connections lost',
    journals.reduce((sum, { outages }) => sum + outages.length, 0),
  )
  const [only] = faults.length === 1 ? faults : []
  if (only === 'kill-workers') tally.took(RESUME_AFTER_WORKER, ...resumes(journals, tally.kills.get('workers') ?? []))
  if (only === 'kill-postgres')
    tally.took(ANSWER_AFTER_POSTGRES, ...answers(journals, tally.kills.get('Postgres') ?? []))
  if (only === 'redis-off') tally.took(DELIVERY_WITHOUT_REDIS, ...deliveries(journals))
}

/** From a kill until the subscription goes on, for each client that lost it. */
const resumes = (journals: Journal[], kills: number[]): number[] =>
  journals.flatMap(({ outages }) =>
    outages.flatMap(({ from, to }) => {
      const kill = kills.findLast((at) => at <= from && from < at + BY_KILL_MS)
      return kill === undefined ? [] : [to - kill]
    }),
  )

/** From a kill until the first answer to what was asked for after it, for each client. */
const answers = (journals: Journal[], kills: number[]): number[] =>
  kills.flatMap((kill) =>
    journals.flatMap(({ sends }) => {
      const answered = sends.filter(({ askedAt }) => askedAt >= kill).flatMap(({ answeredAt }) => answeredAt ?? [])
      return answered.length === 0 ? [] : [Math.min(...answered) - kill]
    }),
  )

/** From the call to the arrival at each other client of the room, for what was answered at the first try. */
function deliveries(journals: Journal[]): number[] {
  const askedAt = new Map(
    journals.flatMap(({ sends }) =>
      sends.flatMap(({ acknowledged, askedAt: at, tries }) =>
        tries === 1 ? acknowledged.slice(0, 1).map(({ id }): [string, number] => [id, at]) : [],
      ),
    ),
  )
  return journals.flatMap(({ events, arrivedAt, user }) =>
    events.flatMap((event, index) => {
      if (event.type !== 'message.created' || event.message.senderId === user) return []
      const asked = askedAt.get(event.message.id)
      return asked === undefined ? [] : [(arrivedAt[index] ?? 0) - asked]
    }),
  )
}
