import type { Fault } from '../fault.ts'

/** There is no Redis, from the first message until everybody has the last one. */
export const redisOff: Fault = {
  needs: 'redis',
  async run({ world, tally }) {
    await world.redis?.kill()
    tally.count('kills of Redis')
  },
  async mend(world) {
    await world.redis?.start()
  },
}
