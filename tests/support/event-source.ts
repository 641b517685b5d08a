import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { transformer } from '../../shared/index.ts'

/** A stream over server-sent events on a socket of its own, read as text, or not at all. */
export class EventSource {
  readonly request: ClientRequest
  readonly response: Promise<IncomingMessage>
  text = ''
  isOver = false
  #changed = Promise.withResolvers<void>()

  constructor(
    url: string,
    path: string,
    { token, input, headers = {} }: { token: string; input?: unknown; headers?: Record<string, string> },
  ) {
    const query = new URLSearchParams({ connectionParams: JSON.stringify({ token }) })
    if (input !== undefined) query.set('input', JSON.stringify(transformer.input.serialize(input)))
    this.request = request(`${url}/trpc/${path}?${query.toString()}`, {
      agent: new Agent({ maxSockets: Infinity }),
      headers,
    })
    this.request.on('error', () => this.#end())
    this.response = once(this.request, 'response').then(([response]: IncomingMessage[]) => {
      if (!response) throw new Error('There is no response')
      return response
    })
    this.response.catch(() => undefined)
    this.request.end()
  }

  /** Reads what comes, from now on. */
  read(): this {
    this.response.then(
      (response) => {
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          this.text += text
          this.#tell()
        })
        response.once('error', () => this.#end())
        response.once('close', () => this.#end())
      },
      () => this.#end(),
    )
    return this
  }

  /** Whether an event of the stream itself has come. */
  get hasBegun(): boolean {
    return /^data: \{"json"/m.test(this.text) && this.refusal === undefined
  }

  /** The reason of the error that it ended with. */
  get refusal(): string | undefined {
    return /"reason":"(\w+)"/.exec(this.text)?.[1]
  }

  /** Resolves when it holds; the test's own time limit is the bound. */
  async until(holds: (source: EventSource) => boolean): Promise<this> {
    while (!holds(this)) await this.#changed.promise
    return this
  }

  close(): void {
    this.request.destroy()
  }

  #end(): void {
    this.isOver = true
    this.#tell()
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
