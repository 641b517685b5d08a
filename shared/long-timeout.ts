/** The longest delay that setTimeout takes, nearly 25 days. It fires at once after a longer one. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * Calls back once after `ms`, however long that is. Use it for delays that a server, a token or a caller names: a mute can last
 * for months.
 *
 * @returns a function that cancels the call.
 */
export function setLongTimeout(callback: () => void, ms: number): () => void {
  let timer: ReturnType<typeof setTimeout>
  const wait = (left: number) => {
    const step = Math.min(left, MAX_DELAY_MS)
    timer = setTimeout(() => (left > step ? wait(left - step) : callback()), step)
  }
  wait(ms)
  return () => clearTimeout(timer)
}
