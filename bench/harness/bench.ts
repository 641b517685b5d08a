import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { BenchPostgres } from './bench-postgres.ts'
import { Cell } from './cell.ts'
import { othersCores } from './process-usage.ts'
import type { Measurement, Scenario } from './scenario.ts'
import { SYSTEMS, type SystemName } from './systems.ts'

export interface BenchOptions {
  isQuick: boolean
  rounds: number
  profileDir: string | undefined
}

export interface Round {
  system: SystemName
  measurement: Measurement
}

/** What one scenario gave. */
export interface Outcome {
  scenario: Scenario
  rounds: Round[]
  /** Runs that do not count, and why. */
  voids: string[]
  notes: string[]
}

/** Of one cell, when its run was void or disturbed. */
const MAX_TRIES = 3
const GENERATOR_LIMIT = 0.8
/** A run beside which others use more of the machine is repeated. */
export const DISTURBANCE_CORES = 0.3
/** A quick run is over by then: what has not begun is left out. */
const QUICK_MS = 76_000
/** And what has begun is cut off. */
const QUICK_LIMIT_MS = 85_000

/** Runs scenarios: rounds over all systems, in another order each time, so that the noise of a shared machine meets all alike. */
export class Bench {
  readonly options: BenchOptions
  readonly postgres: BenchPostgres
  /** Connections of the tuned peer, as the trial has found. */
  poolSize = 10
  readonly #startedAt = performance.now()

  constructor(options: BenchOptions, postgres: BenchPostgres) {
    this.options = options
    this.postgres = postgres
  }

  /** Where a profile of this goes, if profiles are wanted. */
  profileFile(system: SystemName, what: string): string | undefined {
    const { profileDir } = this.options
    return profileDir === undefined ? undefined : resolve(profileDir, `${system}-${what}.cpuprofile`)
  }

  /** One of two values: of the whole run, or of the quick one. */
  pick<T>(whole: T, quick: T): T {
    return this.options.isQuick ? quick : whole
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  get #isOutOfTime(): boolean {
    return this.options.isQuick && performance.now() - this.#startedAt > QUICK_MS
  }

  async run(scenario: Scenario): Promise<Outcome> {
    const outcome: Outcome = { scenario, rounds: [], voids: [], notes: [] }
    this.say(`\n${scenario.title}`)
    if (scenario.prepare) outcome.notes.push(...(await scenario.prepare(this)))
    const count = Math.min(this.options.rounds, scenario.maxRounds ?? Infinity)
    for (let round = 1; round <= count; round++) {
      for (const system of shuffled(this.#systemsOf(scenario))) {
        const isLeftOut = this.#isOutOfTime
        if (isLeftOut) outcome.voids.push(`${scenario.title}: ${SYSTEMS[system].title}: left out, time is up`)
        else await this.#measure(outcome, system, round)
      }
    }
    return outcome
  }

  /** Opens a cell, for a scenario's own trials. */
  open(scenario: Scenario, system: SystemName, env: Record<string, string> = {}): Promise<Cell> {
    return Cell.open(this.postgres, system, {
      POOL_SIZE: String(this.poolSize),
      ...scenario.env?.(system, this),
      ...env,
    })
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    if (!this.options.isQuick) return work
    const over = new AbortController()
    const left = Math.max(1, this.#startedAt + QUICK_LIMIT_MS - performance.now())
    const limit = delay(left, undefined, { signal: over.signal }).then(() => {
      throw new Error('cut off, time is up')
    })
    try {
      return await Promise.race([work, limit])
    } finally {
      over.abort()
      limit.catch(() => undefined)
      work.catch(() => undefined)
    }
  }

  #systemsOf({ systems, onlyWhole = [] }: Scenario): SystemName[] {
    return this.options.isQuick ? systems.filter((system) => !onlyWhole.includes(system)) : systems
  }

  /** Of several tries the one with the fewest faults, and among those the one that was disturbed least. */
  async #measure(outcome: Outcome, system: SystemName, round: number): Promise<void> {
    const { scenario, voids, rounds } = outcome
    const name = `${scenario.title}: ${SYSTEMS[system].title}, round ${round}`
    const tries: Measurement[] = []
    for (let attempt = 1; attempt <= this.pick(MAX_TRIES, 1); attempt++) {
      const measurement = await this.#attempt(scenario, system)
      tries.push(measurement)
      const disturbance = disturbanceOf(measurement)
      this.say(`  ${SYSTEMS[system].title}, round ${round}: ${lineOf(scenario, measurement, disturbance)}`)
      if (measurement.faults.length > 0) voids.push(`${name}: ${measurement.faults.join('; ')}`)
      else if (disturbance <= DISTURBANCE_CORES) break
    }
    const [best] = tries.sort((a, b) => a.faults.length - b.faults.length || disturbanceOf(a) - disturbanceOf(b))
    if (best) rounds.push({ system, measurement: best })
  }

  async #attempt(scenario: Scenario, system: SystemName): Promise<Measurement> {
    try {
      await using cell = await this.open(scenario, system)
      const measurement = await this.#inTime(scenario.measure(cell, this))
      return { ...measurement, faults: [...new Set([...measurement.faults, ...generatorFaults(measurement)])] }
    } catch (error) {
      return { figures: {}, faults: [error instanceof Error ? error.message : String(error)], usages: [] }
    }
  }
}

/** A generator that has no time left measures itself. */
const generatorFaults = ({ usages }: Measurement): string[] =>
  usages
    .map(({ generator, seconds }) => generator / seconds)
    .filter((share) => share > GENERATOR_LIMIT)
    .map((share) => `the generator used ${Math.round(share * 100)} % of its core`)

/** Cores that others used beside a run. */
export const disturbanceOf = ({ usages }: Measurement): number => Math.max(0, ...usages.map(othersCores))

function lineOf({ rows }: Scenario, { figures, faults }: Measurement, disturbance: number): string {
  const shown = rows.flatMap(({ key, digits, unit }) => {
    const figure = figures[key]
    return figure === undefined ? [] : [`${key} ${figure.toFixed(digits)} ${unit}`]
  })
  const disturbed = disturbance > DISTURBANCE_CORES ? [`disturbed by ${disturbance.toFixed(2)} cores`] : []
  return [...shown, ...disturbed, ...(faults.length > 0 ? [`VOID: ${faults.join('; ')}`] : [])].join(', ')
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value)
}
