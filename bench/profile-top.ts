import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/*
 * Where the time of a CPU profile goes: `npm run bench -- --only fan-out --profile <dir>` leaves them, this lists the functions by
 * their own time. `node bench/profile-top.ts <dir>`
 */

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

const LINES = 25
const NOT_WORK = new Set(['(idle)', '(root)'])

function ownTimes({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  for (const [index, sample] of samples.entries()) {
    const name = names.get(sample) ?? ''
    if (!NOT_WORK.has(name)) times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return times
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  return url ? `${name} ${basename(url)}:${lineNumber + 1}` : name
}

for (const file of globSync('*.cpuprofile', { cwd: process.argv[2] ?? '.' })) {
  const profile: Profile = JSON.parse(readFileSync(join(process.argv[2] ?? '.', file), 'utf8'))
  const times = ownTimes(profile)
  const all = [...times.values()].reduce((sum, time) => sum + time, 0)
  process.stdout.write(`${file}: ${(all / 1e6).toFixed(2)} s of work\n`)
  for (const [name, time] of [...times].sort((a, b) => b[1] - a[1]).slice(0, LINES)) {
    process.stdout.write(`${((time / all) * 100).toFixed(1).padStart(6)} %  ${name}\n`)
  }
}
