import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest though its file is short, the longest first: begun last, each would be waited for by itself. */
const LONG = [
  'faults/torture',
  'nodes/workers',
  'web/every-screen',
  'rpc/authorization-matrix',
  'web/people-are-told',
  'web/small-screens',
  'attacks/event-source-flood',
  'inbox/many-rooms',
  'user/profile-propagator',
]

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = LONG.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`))
  return rank === -1 ? LONG.length : rank
}

const isolationOf = ({ project }: TestSpecification): number => (project.config.isolate ? 0 : 1)

/** A checkout that has run the tests before knows how long each file took; a fresh one knows `LONG`, and sizes. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Files that share modules follow each other: a worker with shared modules goes on with them alone.
    return (await super.sort(files)).toSorted(
      (one, other) => isolationOf(one) - isolationOf(other) || rankOf(one) - rankOf(other),
    )
  }
}

/** These measure the process that they run in, or break what it is connected to: each file has a process of its own. */
const APART = ['attacks', 'bus', 'db', 'deploy', 'faults', 'lib', 'nodes', 'package', 'scripts', 'transport'].map(
  (folder) => `tests/${folder}/**/*.test.ts`,
)

export default defineConfig({
  test: {
    globalSetup: ['tests/support/postgres-for-tests.ts', 'tests/support/page-for-tests.ts'],
    // Every file has a database of its own on one Postgres.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      // No module of the server has a state of its own, and to load them takes longer than most files run: these share them.
      { extends: true, test: { name: 'together', include: ['tests/**/*.test.ts'], exclude: APART, isolate: false } },
    ],
    sequence: { sequencer: LongestFirst },
    // Servers and scripts that tests start load twice as fast from it.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled-for-tests') },
    testTimeout: 45_000,
    hookTimeout: 60_000,
    // A wait for a condition is no measurement: a busy machine may take its time.
    expect: { poll: { timeout: 10_000 } },
  },
})
