import { deserialize, type SuperJSONResult, serialize } from 'superjson'
import { serializePlain } from './plain-json.ts'
import { readInput } from './wire-input.ts'

const write = (value: unknown): SuperJSONResult => serializePlain(value) ?? serialize(value)

/**
 * superjson on the wire in both directions, so Dates stay Dates. Any client that uses superjson understands it. Inputs are
 * untrusted and are read by a strict reader (`readInput`).
 */
export const transformer = {
  output: { serialize: write, deserialize: (value: SuperJSONResult): unknown => deserialize(value) },
  input: { serialize: write, deserialize: (value: unknown): unknown => readInput(value) },
}
