import { join } from 'node:path'
import type { CrowdPlan } from '../generator/crowd.ts'
import type { GeneratorCalls } from '../generator/generator-main.ts'
import type { LoadPlan, LoadReport } from '../generator/load-run.ts'
import type { ServerCalls } from '../peers/server-calls.ts'
import type { BenchPostgres } from './bench-postgres.ts'
import { readUsage, residentBytes, type Usage, usageSince, type Watched } from './process-usage.ts'
import { type Remote, startRemote } from './remote.ts'
import { SYSTEMS, type SystemName, systemFile } from './systems.ts'

const GENERATOR = join(import.meta.dirname, '../generator/generator-main.ts')

/** One system in one round: its server and a generator, each in a process of its own, on a database of its own. */
export class Cell implements AsyncDisposable {
  readonly system: SystemName
  readonly server: Remote<ServerCalls>
  readonly generator: Remote<GeneratorCalls>
  readonly watched: Watched
  readonly #parts: AsyncDisposableStack

  private constructor(
    system: SystemName,
    processes: { server: Remote<ServerCalls>; generator: Remote<GeneratorCalls> },
    postmaster: number,
    parts: AsyncDisposableStack,
  ) {
    this.system = system
    this.server = processes.server
    this.generator = processes.generator
    this.watched = { server: this.server.pid, generator: this.generator.pid, postmaster }
    this.#parts = parts
  }

  static async open(postgres: BenchPostgres, system: SystemName, env: Record<string, string> = {}): Promise<Cell> {
    await using starting = new AsyncDisposableStack()
    const database = starting.use(await postgres.createDatabase())
    const [server, generator] = await Promise.all([
      startRemote<ServerCalls>(systemFile(system), {
        env: { DATABASE_URL: database.url, ...env },
        execArgv: ['--expose-gc'],
      }),
      startRemote<GeneratorCalls>(GENERATOR),
    ])
    starting.use(server)
    starting.use(generator)
    return new Cell(system, { server, generator }, postgres.postmaster, starting.move())
  }

  /** Makes the layout in the server's tables and connects its users. */
  async enter(plan: Omit<CrowdPlan, 'dialect' | 'port'>): Promise<void> {
    await this.server.call('seed', plan.layout)
    await this.connect(plan)
  }

  async connect(plan: Omit<CrowdPlan, 'dialect' | 'port'>): Promise<{ ms: number }> {
    return this.generator.call('open', { ...plan, dialect: SYSTEMS[this.system].dialect, port: this.server.port })
  }

  load(plan: Omit<LoadPlan, 'watched'>): Promise<LoadReport> {
    return this.generator.call('load', { ...plan, watched: this.watched })
  }

  usage(): Usage {
    return readUsage(this.watched)
  }

  usageSince(before: Usage): Usage {
    return usageSince(before, this.usage())
  }

  /** Does something and leaves the server's CPU profile of it in a file, where one is given. */
  async profiled<T>(file: string | undefined, work: () => Promise<T>): Promise<T> {
    if (file === undefined) return work()
    await this.server.call('startProfile')
    const result = await work()
    await this.server.call('stopProfile', file)
    return result
  }

  residentBytes(): number {
    return residentBytes(this.server.pid)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync()
  }
}
