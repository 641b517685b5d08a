import { byTurns, type Fault } from '../fault.ts'

/** Tokens of the run last longer than this, and are not younger than the server allows for. */
const FARTHEST_MS = 45_000

/** The wall clock of each server process is suddenly another one: timers and the database's clock go on. */
export const jumpClocks: Fault = {
  run: (scene) =>
    byTurns(scene, { everyMs: 500, forMs: [300, 3_000] }, () => {
      const { world, dice, tally } = scene
      world.clocks.jump(dice.between(-FARTHEST_MS, FARTHEST_MS))
      tally.count('jumps of the clocks')
      return () => world.clocks.jump(0)
    }),
}
