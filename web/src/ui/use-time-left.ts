import { useCallback, useSyncExternalStore } from 'react'

/** Milliseconds until the time, rounded up to whole steps and kept current; 0 once it has come. */
export function useTimeLeft(at: number, stepMs: number): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const wait = () => {
        const left = at - Date.now()
        if (left <= 0) return
        timer = setTimeout(
          () => {
            listener()
            wait()
          },
          left % stepMs || stepMs,
        )
      }
      wait()
      return () => clearTimeout(timer)
    },
    [at, stepMs],
  )
  return useSyncExternalStore(subscribe, () => Math.ceil(Math.max(0, at - Date.now()) / stepMs)) * stepMs
}
