import { during, type Fault, signalIfThere } from '../fault.ts'
import { busyWorkers, servingWorkers } from '../worker-choice.ts'

/** A worker dies, as by a machine's loss of power, again and again, while another one serves. */
export const killWorkers: Fault = {
  needs: 'redis',
  async run({ world, dice, signal, roundMs, tally }) {
    while (await during(signal, dice.between(0.5, 1.5) * Math.min(1_000, roundMs / 3))) {
      const victim = dice.oneOf(busyWorkers(world))
      if (victim === undefined || servingWorkers(world).length < 2) continue
      if (signalIfThere(victim, 'SIGKILL')) tally.kill('workers')
    }
  },
}
