import { byTurns, type Fault } from '../fault.ts'

/** Redis takes connections and never answers. */
export const freezeRedis: Fault = {
  needs: 'redis',
  run: (scene) =>
    byTurns(scene, { everyMs: 3_000, forMs: [500, 8_000] }, () => {
      const { redis } = scene.world
      redis?.freeze()
      scene.tally.count('freezes of Redis')
      return () => redis?.thaw()
    }),
}
