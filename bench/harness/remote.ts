import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'

/** What a child process does on request, by name. Inputs and results travel as JSON. */
type Handlers<T> = { [K in keyof T]: (input: never) => unknown }

interface Request {
  call: number
  name: string
  input: unknown
}

interface Reply<T> {
  call: number
  result: T
  error?: string
}

/** Makes this process answer its parent until the parent goes away. Send `ready` when it can be used. */
export function answerParent<T extends Handlers<T>>(handlers: T, ready: Ready): void {
  const answer = async ({ call, name, input }: Request) => {
    try {
      const handler: unknown = Reflect.get(handlers, name)
      if (typeof handler !== 'function') throw new Error(`Unable to answer ${name}; not offered here`)
      const result: unknown = await Reflect.apply(handler, undefined, [input])
      process.send?.({ call, result })
    } catch (error) {
      process.send?.({ call, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  process.on('message', (request: Request) => void answer(request))
  process.on('disconnect', () => process.exit(0))
  process.send?.({ ready })
}

/** What a child says of itself when it is up. */
export interface Ready {
  /** Where it listens; 0 where it does not. */
  port: number
}

export interface Remote<T> extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  call<K extends keyof T & string>(name: K, ...input: CallInput<T[K]>): Promise<CallResult<T[K]>>
}

type CallInput<F> = F extends (...input: infer I) => unknown ? I : never
type CallResult<F> = F extends (...input: never) => infer R ? Awaited<R> : never

export interface RemoteOptions {
  env?: Record<string, string>
  execArgv?: string[]
}

const STOP_MS = 8_000

/** Starts a module in a process of its own and resolves when it is ready. */
export async function startRemote<T>(file: string, options: RemoteOptions = {}): Promise<Remote<T>> {
  const { PATH = '', HOME = '' } = process.env
  const child = fork(file, [], {
    env: { PATH, HOME, NODE_ENV: 'production', ...options.env },
    execArgv: options.execArgv ?? [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const replies = new EventEmitter().setMaxListeners(0)
  const { promise: started, resolve } = Promise.withResolvers<Ready>()
  child.on('message', (message: { ready: Ready } | Reply<unknown>) => {
    if ('ready' in message) resolve(message.ready)
    else replies.emit(`reply ${message.call}`, message)
  })
  const gone = endOf(child)
  const { port } = await Promise.race([started, gone.failure])

  let calls = 0
  return {
    pid: child.pid ?? 0,
    port,
    async call<K extends keyof T & string>(name: K, ...[input]: CallInput<T[K]>) {
      const call = ++calls
      const reply = once(replies, `reply ${call}`)
      child.send({ call, name, input } satisfies Request)
      const [answer]: Reply<CallResult<T[K]>>[] = await Promise.race([reply, gone.failure])
      if (!answer || answer.error !== undefined) throw new Error(`${name}: ${answer?.error}`)
      return answer.result
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await gone.exit
      clearTimeout(kill)
    },
  }
}

function endOf(child: ChildProcess): { exit: Promise<void>; failure: Promise<never> } {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output = (output + data.toString()).slice(-4_000)
    })
  }
  const { promise: exit, resolve } = Promise.withResolvers<void>()
  const failure = new Promise<never>((_, reject) => {
    child.on('exit', (code, signal) => {
      resolve()
      reject(new Error(`A process of the benchmark ended (${signal ?? code}):\n${output}`))
    })
  })
  failure.catch(() => undefined)
  return { exit, failure }
}
