/** Runs the work once nothing else with the same name runs. Does not run it if the signal aborts first. */
export type RunAlone = (name: string, signal: AbortSignal, work: () => Promise<void>) => Promise<void>

/**
 * Uses the Web Locks API if there is one (a browser's secure contexts, Node): it works across all tabs of an origin, and a
 * closed tab releases its lock. Elsewhere, and where the browser forbids it, the work runs without a lock.
 */
export const runAlone: RunAlone = async (name, signal, work) => {
  let hasBegun = false
  const begin = () => {
    hasBegun = true
    return work()
  }
  try {
    if ('locks' in globalThis.navigator) return await globalThis.navigator.locks.request(name, { signal }, begin)
  } catch (error) {
    if (hasBegun) throw error
  }
  if (!signal.aborted) await begin()
}
