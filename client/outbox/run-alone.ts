/** Runs work while nobody else with the same name does, as soon as that is so; not at all where the signal aborts first. */
export type RunAlone = (name: string, signal: AbortSignal, work: () => Promise<void>) => Promise<void>

/**
 * By the Web Locks API where there is one (a browser's secure contexts, Node): across all tabs of an origin, and free again when
 * the tab that holds the lock is closed. Elsewhere, and where it is forbidden, the work just runs.
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
