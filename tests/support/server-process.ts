import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const LAUNCHER = join(import.meta.dirname, '../../server/launch.js')

export interface ServerProcess {
  url: string
  child: ChildProcess
  /** All that it has said so far. */
  output(): string
  /** Ends it and resolves when it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
}

/**
 * A server in a process of its own, as `npm start` runs it; resolves when it says where it is.
 * @param nodeOptions of Node itself, such as a module to load first
 */
export async function startServerProcess(
  env: Record<string, string>,
  nodeOptions: string[] = [],
): Promise<ServerProcess> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, [...nodeOptions, LAUNCHER], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, LOG_LEVEL: 'warn', ...env },
  })
  const gone = once(child, 'exit')
  let output = ''
  const { promise: url, resolve, reject } = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString()
      const address = /ready at (\S+)/.exec(output)?.[1]
      if (address) resolve(address)
    })
  }
  void gone.then(() => reject(new Error(`The server ended before it was ready:\n${output}`)))
  return {
    url: await url,
    child,
    output: () => output,
    kill: async (signal) => {
      child.kill(signal)
      await gone
    },
  }
}
