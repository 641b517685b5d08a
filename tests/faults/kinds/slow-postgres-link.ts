import { byTurns, type Fault } from '../fault.ts'

/** Every word to Postgres and back takes its time, so locks are held for long and much happens while others wait for them. */
export const slowPostgresLink: Fault = {
  run: (scene) =>
    byTurns(scene, { everyMs: 200, forMs: [2_000, 8_000] }, () => {
      const { world, dice, tally } = scene
      world.postgresLink.delay(dice.between(5, 30))
      tally.count('delays of the link to Postgres')
      return () => world.postgresLink.mend()
    }),
}
