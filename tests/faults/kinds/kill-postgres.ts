import { during, type Fault, signalIfThere } from '../fault.ts'

/** Postgres dies whole, or one of its processes does, after which it ends all the others; it recovers, and is there again. */
export const killPostgres: Fault = {
  async run({ world, dice, signal, roundMs, tally }) {
    while (await during(signal, dice.between(0.5, 1.5) * Math.max(Math.min(8_000, roundMs / 2), 1_500))) {
      const { postmaster, backends } = world.postgres.pids()
      const victim = dice.chance(0.5) ? postmaster : dice.oneOf(backends)
      if (victim === undefined) continue
      if (signalIfThere(victim, 'SIGKILL')) tally.kill('Postgres')
    }
  },
}
