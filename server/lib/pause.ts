import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after `ms`, or as soon as the signal aborts. It does not keep the process alive, unless `isRef`. */
export const pauseFor = (ms: number, signal: AbortSignal, { isRef = false } = {}): Promise<void> =>
  sleep(ms, undefined, { signal, ref: isRef }).catch(() => undefined)

/** A random time within `share` of `ms`, so that timers that start together don't fire together. */
export const jittered = (ms: number, share: number): number => ms * (1 - share + 2 * share * Math.random())

export interface BackOff {
  firstMs: number
  longestMs: number
}

/** The wait after this many failures in a row: none after none, then doubling from the first to the longest. */
export const backOffMs = ({ firstMs, longestMs }: BackOff, failures: number): number =>
  failures === 0 ? 0 : Math.min(longestMs, firstMs * 2 ** (failures - 1))
