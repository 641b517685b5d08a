/** What the event loop's thread did while a piece of work ran. */
export interface Hold<T> {
  result: T
  /** The most CPU time between two turns of the loop, in milliseconds: how long everybody else waited, whatever else the machine did. */
  cpuMs: number
}

/** Runs `work` and measures the longest that it held the event loop. What the test itself does between turns counts too. */
export async function longestHold<T>(work: () => Promise<T>): Promise<Hold<T>> {
  let cpuMs = 0
  let isOver = false
  let before = cpuOfThread()
  const turn = () => {
    const now = cpuOfThread()
    cpuMs = Math.max(cpuMs, now - before)
    before = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  try {
    const result = await work()
    // The turn in which the work ended counts as well.
    await new Promise((resolve) => setImmediate(resolve))
    return { result, cpuMs }
  } finally {
    isOver = true
  }
}

function cpuOfThread(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
