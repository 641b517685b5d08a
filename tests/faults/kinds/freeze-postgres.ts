import { byTurns, type Fault, signalIfThere } from '../fault.ts'

/** Postgres stands still, with all that it has begun: connections stay, answers stop. */
export const freezePostgres: Fault = {
  run: (scene) =>
    byTurns(scene, { everyMs: 3_000, forMs: [300, 10_000] }, () => {
      const { postmaster, backends, others } = scene.world.postgres.pids()
      const all = [postmaster, ...backends, ...others].filter((pid) => pid !== undefined)
      const send = (signal: NodeJS.Signals) => {
        for (const pid of all) signalIfThere(pid, signal)
      }
      send('SIGSTOP')
      scene.tally.count('freezes of Postgres')
      return () => send('SIGCONT')
    }),
}
