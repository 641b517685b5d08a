import { createServer } from 'node:http'

/*
 * Loaded into a server before anything else: measures the CPU time that the thread of its event loop spends between two firings of a
 * timer of 1 ms. A turn of the loop that takes longer than that shows with its whole length, and what other processes do does not show.
 * It tells on a port of its own, which it names on standard output.
 */

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

let last = cpuMs()
let longest = 0
setInterval(() => {
  const now = cpuMs()
  longest = Math.max(longest, now - last)
  last = now
}, 1).unref()

const server = createServer((req, res) => {
  if (req.url === '/collected') globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  res.end(JSON.stringify({ longestMs: longest, bytes: heapUsed + external }))
  // A collection that was asked for is nobody's stall.
  last = cpuMs()
  longest = 0
})
server.unref()
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address) process.stdout.write(`probe at http://127.0.0.1:${address.port}\n`)
})
