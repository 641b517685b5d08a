#!/usr/bin/env node
// Plain JavaScript on purpose: a Node that is too old for the rest reads this file, and says so.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(`confab: Unable to run on Node ${process.versions.node}; Node 24 or newer is needed\n`)
  process.exit(1)
}
await import('./main.ts')
