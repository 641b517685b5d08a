import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Dice } from '../faults/dice.ts'
import { procedures } from '../rpc/call-by-path.ts'

/** What there is to name in a call. */
export interface FuzzedWorld {
  userIds: string[]
  roomIds: string[]
  messageIds: string[]
}

type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json }

interface Schema {
  type?: string | undefined
  format?: string | undefined
  enum?: Json[] | undefined
  const?: Json
  anyOf?: Schema[] | undefined
  properties?: Record<string, Schema> | undefined
  required?: string[] | undefined
  items?: Schema | undefined
  additionalProperties?: Schema | undefined
  maxItems?: number | undefined
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    format: z.string().optional(),
    enum: z.array(z.json()).optional(),
    const: z.json().optional(),
    anyOf: z.array(schema).optional(),
    properties: z.record(z.string(), schema).optional(),
    required: z.array(z.string()).optional(),
    items: schema.optional().catch(undefined),
    additionalProperties: schema.optional().catch(undefined),
    maxItems: z.number().optional(),
  }),
)

/** The schema of each procedure's input, undefined where it takes none. */
export function inputSchemas(): Map<string, Schema | undefined> {
  return new Map(
    Object.entries(procedures).map(([path, { _def }]) => {
      const { inputs } = z.object({ inputs: z.array(z.instanceof(z.ZodType)) }).parse(_def)
      const [input] = inputs
      return [path, input && schema.parse(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }))]
    }),
  )
}

/** Values that look like what a schema asks for, and what becomes of them in hostile hands. */
export class InputFuzzer {
  readonly #dice: Dice
  readonly #world: FuzzedWorld

  constructor(dice: Dice, world: FuzzedWorld) {
    this.#dice = dice
    this.#world = world
  }

  /** An input such as the schema asks for; now and then with something in it that it does not. */
  input(of: Schema | undefined): Json {
    const value = of ? this.#valueOf(of, '') : undefined
    return this.#dice.chance(0.5) ? value : this.#spoil(value, 0)
  }

  /** As superjson writes it, or nearly. */
  written(value: Json): Json {
    const dice = this.#dice
    if (dice.chance(0.6)) return { json: value }
    if (dice.chance(0.1)) return value
    return {
      json: value,
      meta: dice.chance(0.1)
        ? this.hostile()
        : { values: this.#annotations(value), v: dice.oneOf([undefined, 1, 0, 'x']) },
    }
  }

  /** Something that nobody expects anywhere. */
  hostile(): Json {
    const { next, between } = this.#sizes()
    return this.#dice.oneOf<() => Json>([
      () => null,
      () => '',
      () => 1e308,
      () => -1,
      () => 2 ** 53,
      () => [],
      () => ({}),
      () => 'a\0b',
      () => 'a\ud800b',
      () => '\u202e\u200b',
      () => 'e\u0301\u0302\u0303'.repeat(next),
      () => 'x '.repeat(next),
      () => '*'.repeat(next),
      () => '👨‍👩‍👧‍👦'.repeat(next),
      () => '\\'.repeat(next),
      () => Array.from({ length: next }, () => 0),
      () => Array.from({ length: next }, () => ({})),
      () => Object.fromEntries(Array.from({ length: next }, (_, at) => [`k${at}`, at])),
      () => nested(between, (inner) => [inner]),
      () => nested(between, (inner) => ({ a: inner })),
      () => ({ ['__proto__x']: 1, constructor: 1, toString: 1, 'a.b': 1, 'a\\': 1 }),
      () => '2026-13-45T99:99:99Z',
      () => '+275760-09-13T00:00:00.000Z',
      () => `${this.#dice.next()}.${next}`,
    ])?.()
  }

  #sizes() {
    const next = Math.floor(2 ** this.#dice.between(0, 13))
    return { next, between: Math.floor(2 ** this.#dice.between(0, 12)) }
  }

  #valueOf(of: Schema, name: string): Json {
    const dice = this.#dice
    const known = this.#known(name)
    if (known !== undefined) return known
    if (of.enum) return dice.oneOf(of.enum)
    if (of.const !== undefined) return of.const
    const branch = of.anyOf && dice.oneOf(of.anyOf)
    if (branch) return this.#valueOf(branch, name)
    switch (of.type) {
      case 'object':
        return this.#objectOf(of)
      case 'array':
        return Array.from({ length: Math.floor(dice.between(0, 4)) }, () =>
          this.#valueOf(of.items ?? {}, singular(name)),
        )
      case 'boolean':
        return dice.chance(0.5)
      case 'integer':
      case 'number':
        return Math.floor(dice.between(0, 60))
      case 'string':
        return of.format === 'uuid' ? randomUUID() : 'pump of the engine room'
      default:
        return name === 'meta' ? { a: [1, { b: null }] } : new Date(Date.now() + dice.between(-1e6, 1e8)).toISOString()
    }
  }

  #objectOf({ properties = {}, required = [], additionalProperties }: Schema): Json {
    const dice = this.#dice
    const fields = Object.entries(properties).filter(([name]) => required.includes(name) || dice.chance(0.4))
    const own = fields.map(([name, field]): [string, Json] => [name, this.#valueOf(field, name)])
    const more = additionalProperties ? this.#world.roomIds.slice(0, 3) : []
    return Object.fromEntries([...own, ...more.map((id): [string, Json] => [id, '0123456789ab.1'])])
  }

  #known(name: string): Json {
    const { userIds, roomIds, messageIds } = this.#world
    if (/roomId$/i.test(name)) return this.#dice.oneOf(roomIds)
    if (/^(messageId|threadId|replyToId)$/.test(name)) return this.#dice.oneOf(messageIds)
    if (/(user|owner|sender)Id$/i.test(name)) return this.#dice.oneOf(userIds)
    return undefined
  }

  /** Puts something hostile into the value, at the top or further down. */
  #spoil(value: Json, depth: number): Json {
    const dice = this.#dice
    if (typeof value !== 'object' || value === null || depth > 3 || dice.chance(0.2)) return this.hostile()
    if (Array.isArray(value))
      return dice.chance(0.5) ? [...value, this.hostile()] : value.map((item) => this.#spoil(item, depth + 1))
    const names = Object.keys(value)
    const name = dice.chance(0.2) ? 'unexpected' : (dice.oneOf(names) ?? 'unexpected')
    return { ...value, [name]: this.#spoil(value[name], depth + 1) }
  }

  #annotations(value: Json): Json {
    const dice = this.#dice
    if (dice.chance(0.1)) return this.hostile()
    const places = placesOf(value, '').slice(0, 200)
    const { next } = this.#sizes()
    const count = Math.min(next, 300)
    const paths = Array.from({ length: count }, (_, at) => dice.oneOf(places) ?? `a.${at}`)
    return Object.fromEntries(paths.map((path): [string, Json] => [path, this.#annotation()]))
  }

  #annotation(): Json {
    const kind = this.#dice.oneOf<Json>([
      'Date',
      'undefined',
      'number',
      'bigint',
      'regexp',
      'Error',
      'set',
      'map',
      'URL',
      'nothing',
      ['symbol', 'iterator'],
      ['class', 'Room'],
      ['custom', 'Decimal'],
      ['typed-array', 'Float64Array'],
    ])
    return this.#dice.oneOf<() => Json>([
      () => [kind],
      () => kind,
      () => [kind, { a: [kind] }],
      () => ({ a: [kind] }),
      () => this.hostile(),
    ])?.()
  }
}

const singular = (name: string): string => name.replace(/s$/, '')

function nested(depth: number, wrap: (inner: Json) => Json): Json {
  let value: Json = 1
  for (let level = 0; level < depth; level++) value = wrap(value)
  return value
}

function placesOf(value: Json, path: string): string[] {
  if (typeof value !== 'object' || value === null || path.length > 40) return [path]
  return Object.entries(value)
    .slice(0, 20)
    .flatMap(([key, inner]) => placesOf(inner, path === '' ? key : `${path}.${key}`))
}
