import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REDIS_URL } from '../support/redis-for-tests.ts'
import { FAULT_KINDS } from './fault-kinds.ts'
import { runRound } from './fault-round.ts'
import { type FaultWorld, startFaultWorld, whyNot } from './fault-world.ts'

/** Short rounds; `npm run torture` has long ones, and several faults at once. */
const SECONDS = 3
const SEED = Math.floor(Math.random() * 2 ** 31)
const DISK_MIB = 320
const TIMEOUT_MS = 150_000

let world: FaultWorld | undefined
beforeAll(async () => {
  world = await startFaultWorld({ withRedis: REDIS_URL !== undefined, diskMib: DISK_MIB })
}, TIMEOUT_MS)
afterAll(() => world?.[Symbol.asyncDispose](), TIMEOUT_MS)

describe(`while things go wrong for ${SECONDS} s, every promise holds`, () => {
  for (const [name, fault] of Object.entries(FAULT_KINDS)) {
    test(
      name,
      async (context) => {
        if (!world) throw new Error('The world did not start')
        const reason = whyNot(fault, world)
        if (reason !== undefined) context.skip(`${reason}, so this does not run`)
        const { problems, broken, tally } = await runRound(world, { seed: SEED, seconds: SECONDS, faults: [name] })
        const again = `again: npm run torture -- --faults ${name} --seconds ${SECONDS} --seed ${SEED}`
        expect(problems, again).toEqual([])
        expect(broken).toBeGreaterThan(0)
        expect(tally.counts.get('messages acknowledged')).toBeGreaterThan(0)
      },
      TIMEOUT_MS,
    )
  }
})
