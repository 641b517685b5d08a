import { deserialize, type SuperJSONResult, serialize } from 'superjson'
import { serializePlain } from './plain-json.ts'

/** What annotations (`meta`) of an input may weigh, as JSON text. A legitimate input has a handful of dates. */
const MAX_ANNOTATIONS = 4_096

const plain = {
  serialize: (value: unknown): SuperJSONResult => serializePlain(value) ?? serialize(value),
  deserialize: (value: SuperJSONResult): unknown => deserialize(value),
}

/**
 * superjson on the wire in both directions, so Dates stay Dates; any client that uses superjson itself understands it. Inputs are
 * deserialized with a bound on their annotations, because crafted ones cost superjson quadratic time.
 */
export const transformer = {
  output: plain,
  input: {
    serialize: plain.serialize,
    deserialize(value: SuperJSONResult | undefined): unknown {
      // A call without an input may leave it out, which superjson itself would not read.
      if (value === undefined) return undefined
      if (value.meta && JSON.stringify(value.meta).length > MAX_ANNOTATIONS) {
        throw new RangeError('Unable to read the input; too many superjson annotations')
      }
      return plain.deserialize(value)
    },
  },
}
