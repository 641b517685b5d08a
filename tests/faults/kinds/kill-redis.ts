import { byTurns, type Fault } from '../fault.ts'

/** Redis dies and comes back empty. */
export const killRedis: Fault = {
  needs: 'redis',
  run: (scene) =>
    byTurns(scene, { everyMs: 4_000, forMs: [200, 6_000] }, () => {
      const { redis } = scene.world
      const gone = redis?.kill()
      scene.tally.count('kills of Redis')
      return async () => {
        await gone
        await redis?.start()
      }
    }),
}
