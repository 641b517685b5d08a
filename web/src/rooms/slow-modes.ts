/** The wait between two messages, in seconds, as options. */
const SLOW_MODES: readonly (readonly [seconds: number, text: string])[] = [
  [0, 'Off'],
  [5, '5 seconds'],
  [10, '10 seconds'],
  [30, '30 seconds'],
  [60, 'One minute'],
  [300, '5 minutes'],
  [900, '15 minutes'],
  [3_600, 'One hour'],
  [21_600, '6 hours'],
]

/** The options, including the current value. */
export function slowModeOptions(current: number): (readonly [string, string])[] {
  const known = SLOW_MODES.some(([seconds]) => seconds === current)
  const all = known ? SLOW_MODES : [...SLOW_MODES, [current, `${current} seconds`] as const]
  return all.toSorted(([a], [b]) => a - b).map(([seconds, text]) => [String(seconds), text])
}
