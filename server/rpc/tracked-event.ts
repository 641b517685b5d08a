import { type TrackedEnvelope, tracked } from '@trpc/server'

/**
 * An event with the id to resume from. On the wire it is what tRPC's `tracked` makes of it; in process it has the `id` and `data`
 * that the procedure's type promises, which `tracked` alone does not give there.
 */
export function trackedEvent<T>(id: string, data: T): TrackedEnvelope<T> {
  return Object.assign(tracked(id, data), { id, data })
}
