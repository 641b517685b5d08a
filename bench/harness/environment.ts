import { readFileSync } from 'node:fs'
import { cpus, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { BenchPostgres } from './bench-postgres.ts'

/** What a figure depends on beside the code. */
export interface Environment {
  date: string
  machine: string
  versions: string
  postgres: string
}

const PACKAGES = ['socket.io', 'ws', '@trpc/server', 'superjson', 'kysely', 'pg']
const GIBIBYTE = 2 ** 30

export function readEnvironment(postgres: BenchPostgres): Environment {
  const processors = cpus()
  const packages = PACKAGES.map((name) => `${name} ${versionOf(name)}`)
  return {
    date: new Date().toISOString().slice(0, 10),
    machine:
      `${type()}, ${processors.length} cores (${processors[0]?.model.trim() ?? 'unknown'}), ` +
      `${Math.round(totalmem() / GIBIBYTE)} GiB`,
    versions: `Node ${process.versions.node}, ${packages.join(', ')}`,
    postgres: `Postgres ${postgres.version.split(' ')[0]}, ${postgres.isEmbedded ? 'embedded' : 'at DATABASE_URL'}`,
  }
}

function versionOf(name: string): string {
  const file = join(import.meta.dirname, '../../node_modules', name, 'package.json')
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'))
  return version
}
