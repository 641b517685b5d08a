import { WIRE_LIMITS } from '../../shared/wire-limits.ts'
import type { ConnectionBounds } from '../transport/connection-bounds.ts'
import { type JsonPart, splitJson } from '../transport/json-parts.ts'

export type CallLimits = Pick<ConnectionBounds, 'maxCallBytes' | 'maxCallValues' | 'maxCallDepth'>

/** A batch is parsed as a whole: bound on its values, as a multiple of one call's share. */
const BATCH_SHARE = 2

/** A body that is refused before it is parsed. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused'
  readonly statusCode: number

  constructor(statusCode: 400 | 413) {
    super('Unable to read the body; it exceeds the limits of a call')
    this.statusCode = statusCode
  }
}

/** A batch names its calls in the URL, and its body has one input per call. */
const isBatch = (url: string): boolean => new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('batch') === '1'

/** @throws BodyRefused if the inputs exceed the limits of calls. Malformed input is left to the reader. */
export function assertWithin(body: string, url: string, limits: CallLimits): void {
  const { maxCallBytes = Infinity, maxCallValues = Infinity, maxCallDepth = Infinity } = limits
  const { whole, parts } = splitJson(Buffer.from(body), { split: 'object', maxParts: WIRE_LIMITS.batch })
  const inputs: JsonPart[] = isBatch(url) && parts ? parts : [whole]
  if (inputs.length > WIRE_LIMITS.batch || whole.values > BATCH_SHARE * maxCallValues) throw new BodyRefused(400)
  for (const { start, end, values, depth } of inputs) {
    if (values > maxCallValues || depth > maxCallDepth) throw new BodyRefused(400)
    if (end - start > maxCallBytes) throw new BodyRefused(413)
  }
}
