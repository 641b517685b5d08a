import { type Dice } from '../faults/dice.ts'
import { procedures } from '../rpc/call-by-path.ts'
import { type FuzzedWorld, InputFuzzer, inputSchemas } from './fuzzed-input.ts'

/** A frame, and the ids of the calls in it that must be answered while the connection lives. */
export interface FuzzedFrame {
  data: string | Buffer
  ids: (string | number)[]
}

/** A request to the API over HTTP. */
export interface FuzzedRequest {
  method: string
  path: string
  body: string | undefined
  contentType: string
}

interface FuzzedCall {
  path: string
  type: string
  input: unknown
}

/** Makes up what a hostile client might send, from the router's own schemas. The same dice give the same frames but for random ids. */
export class FrameFuzzer {
  readonly #dice: Dice
  readonly #inputs: InputFuzzer
  readonly #schemas = inputSchemas()
  readonly #paths = Object.keys(procedures)
  #nextId = 1

  constructor(dice: Dice, world: FuzzedWorld) {
    this.#dice = dice
    this.#inputs = new InputFuzzer(dice, world)
  }

  frame(): FuzzedFrame {
    const dice = this.#dice
    if (dice.chance(0.05)) return { data: JSON.stringify(this.#inputs.hostile()) ?? '', ids: [] }
    const count = dice.chance(0.5) ? 1 : Math.floor(2 ** dice.between(0, dice.chance(0.1) ? 13 : 7.2))
    const messages = Array.from({ length: count }, () => this.#message())
    const text = JSON.stringify(count === 1 && dice.chance(0.8) ? messages[0] : messages)
    if (dice.chance(0.1)) return { data: this.#broken(text), ids: [] }
    const ids = messages.flatMap(({ id, method }) => (method !== 'subscription.stop' && isId(id) ? [id] : []))
    return { data: text, ids }
  }

  request(): FuzzedRequest {
    const dice = this.#dice
    const isBatch = dice.chance(0.4)
    const calls = Array.from({ length: isBatch ? Math.floor(2 ** dice.between(0, 7.2)) : 1 }, () => this.#call())
    const inputs = calls.map(({ input }) => input)
    const text = JSON.stringify(isBatch ? { ...inputs } : inputs[0]) ?? ''
    const json = dice.chance(0.1) ? this.#broken(text).toString() : text
    const isGet = calls[0]?.type === 'query' ? dice.chance(0.9) : dice.chance(0.1)
    const names = calls.map(({ path }) => path).join(',')
    const query = isBatch ? ['batch=1'] : []
    if (isGet) query.push(`input=${encodeURIComponent(json.slice(0, 4_000).toWellFormed())}`)
    const odd = dice.chance(0.03) ? dice.oneOf(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) : undefined
    const method = odd ?? (isGet ? 'GET' : 'POST')
    return {
      method,
      path: `/trpc/${encodeURIComponent(names.toWellFormed().slice(0, 6_000))}?${query.join('&')}`,
      body: isGet || method === 'HEAD' ? undefined : json,
      contentType: dice.chance(0.05) ? 'text/plain' : 'application/json',
    }
  }

  #call(): FuzzedCall {
    const dice = this.#dice
    const path = dice.chance(0.9)
      ? (dice.oneOf(this.#paths) ?? '')
      : String(dice.oneOf(['', '.', 'room', 'no.such', '__proto__', 'x.'.repeat(500)]))
    const input = this.#inputs.written(this.#inputs.input(this.#schemas.get(path)))
    return { path, type: procedures[path]?._def.type ?? 'query', input }
  }

  #message() {
    const dice = this.#dice
    const { path, type, input } = this.#call()
    const id = dice.chance(0.97)
      ? this.#nextId++
      : dice.oneOf<unknown>([null, '', 'text', 1, -1, Number.MAX_VALUE, [], {}, undefined])
    const method = dice.chance(0.95)
      ? type
      : (dice.oneOf(['subscription.stop', 'query', 'mutation', 'subscription', 'x']) ?? 'x')
    const lastEventId = dice.chance(0.05) ? { lastEventId: dice.oneOf<unknown>(['0123456789ab.3', 'x', 5, '']) } : {}
    const params = dice.chance(0.98) ? { path, input, ...lastEventId } : this.#inputs.hostile()
    return { id, method, params, ...(dice.chance(0.05) ? { jsonrpc: dice.oneOf(['2.0', 'x', 2]) } : {}) }
  }

  /** No longer what it was. */
  #broken(text: string): string | Buffer {
    const dice = this.#dice
    const at = Math.floor(dice.between(0, text.length))
    return (
      dice.oneOf<() => string | Buffer>([
        () => text.slice(0, at),
        () => text.slice(at),
        () => text + text,
        () => text.slice(0, at) + '['.repeat(1_000) + text.slice(at),
        () => text.slice(0, at) + String(dice.oneOf(['"', '\\', ',', '}', ']', '{', '\u0000'])) + text.slice(at + 1),
        () => Buffer.from(text),
      ])?.() ?? text
    )
  }
}

/** What is still an id after JSON, which has no infinity. */
const isId = (id: unknown): id is string | number => typeof id === 'string' || Number.isFinite(id)
