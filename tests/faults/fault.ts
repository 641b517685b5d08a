import { setTimeout as sleep } from 'node:timers/promises'
import type { Dice } from './dice.ts'
import type { FaultWorld } from './fault-world.ts'
import type { Tally } from './tally.ts'

/** What a fault has in hand while a round lasts. */
export interface FaultScene {
  world: FaultWorld
  dice: Dice
  /** Aborts when the round's talk is over. */
  signal: AbortSignal
  /** How long the round lasts: pauses are parts of it, so that a short round has its share of faults too. */
  roundMs: number
  tally: Tally
}

/** Something that goes wrong while people talk. */
export interface Fault {
  /** What it needs beside one server process and its Postgres. */
  needs?: 'redis' | 'full-disk'
  /** Breaks things until the signal aborts, and resolves once they are mended. */
  run(scene: FaultScene): Promise<void>
  /** Mends what stays broken until everybody has everything. */
  mend?(world: FaultWorld): Promise<void>
}

/** Waits, unless it is over; true while it is not. */
export async function during(signal: AbortSignal, ms: number): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}

/** False where the process has ended since it was listed: of several faults at once, another one may have killed it. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Of a round, nothing is broken for longer without a pause. */
const LONGEST = 0.8

/** Breaks and mends by turns, each time for another while; mended at the end. */
export async function byTurns(
  { dice, signal, roundMs }: FaultScene,
  { everyMs, forMs }: { everyMs: number; forMs: [least: number, most: number] },
  breakIt: () => (() => unknown) | undefined,
): Promise<void> {
  while (await during(signal, dice.between(0.5, 1.5) * Math.min(everyMs, roundMs / 4))) {
    const mend = breakIt()
    if (!mend) continue
    try {
      await during(signal, Math.min(dice.between(...forMs), roundMs * LONGEST))
    } finally {
      await mend()
    }
  }
}
