import { z } from 'zod'
import { type Meta, metaObject } from '../../shared/json.ts'

/** A message's `meta` as it is kept. @throws ZodError that names `meta.…` for one that the host application does not allow */
export type MetaCheck = (meta: Meta) => Meta

/** The host application's own schema, whose result must be what a `meta` may be at all. It may not be asynchronous. */
export function metaCheck(schema: z.ZodType<object>): MetaCheck {
  const input = z.object({ meta: schema.pipe(metaObject) })
  return (meta) => input.parse({ meta }).meta
}
