import { byTurns, type Fault } from '../fault.ts'

/** The disk under Postgres is full for a while. */
export const fillDisk: Fault = {
  needs: 'full-disk',
  run: (scene) =>
    byTurns(scene, { everyMs: 3_000, forMs: [500, 5_000] }, () => {
      scene.world.postgres.disk?.fill()
      scene.tally.count('times that the disk was full')
      return () => scene.world.postgres.disk?.free()
    }),
}
