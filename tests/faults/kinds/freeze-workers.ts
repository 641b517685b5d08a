import { byTurns, type Fault, signalIfThere } from '../fault.ts'
import { busyWorkers } from '../worker-choice.ts'

/** A worker stands still, up to longer than a client's patience, and then goes on as if nothing had been. */
export const freezeWorkers: Fault = {
  needs: 'redis',
  run: (scene) =>
    byTurns(scene, { everyMs: 2_000, forMs: [500, 25_000] }, () => {
      const { world, dice, tally } = scene
      const victim = dice.oneOf(busyWorkers(world))
      if (victim === undefined) return undefined
      if (!signalIfThere(victim, 'SIGSTOP')) return undefined
      tally.count('freezes of workers')
      return () => signalIfThere(victim, 'SIGCONT')
    }),
}
