import type { Bench } from './bench.ts'
import type { Cell } from './cell.ts'
import type { Usage } from './process-usage.ts'
import type { SystemName } from './systems.ts'

/** What Confab has to reach. */
export type Goal =
  | { kind: 'times better'; than: SystemName; factor: number }
  /** At most 1.05 times it. */
  | { kind: 'not above'; than: SystemName }
  | { kind: 'at most'; value: number }

/** One line of the table. */
export interface Row {
  /** The figure that it shows. */
  key: string
  title: string
  unit: string
  digits: number
  better: 'less' | 'more'
  goals: Goal[]
}

export interface Measurement {
  figures: Record<string, number>
  /** Why it does not count; empty where it does. */
  faults: string[]
  /** What else is worth telling, of the last round. */
  notes?: string[]
  /** Of each measured time; none where CPU and latency are not looked at. */
  usages: Usage[]
}

export interface Scenario {
  name: string
  title: string
  /** How it is done, in a few sentences for the reader of the results. */
  about: string
  systems: SystemName[]
  /** Those that the quick run leaves out. */
  onlyWhole?: SystemName[]
  /** Fewer than asked for, where one measurement holds several of its own. */
  maxRounds?: number
  rows: Row[]
  /** Variables of the server process. */
  env?: (system: SystemName, bench: Bench) => Record<string, string>
  /** Once, before the first round; what it returns is told in the results. */
  prepare?: (bench: Bench) => Promise<string[]>
  measure(cell: Cell, bench: Bench): Promise<Measurement>
}
