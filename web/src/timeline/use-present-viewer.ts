import { useSyncExternalStore } from 'react'

const EVENTS = ['focus', 'blur', 'visibilitychange'] as const

function subscribe(listener: () => void): () => void {
  for (const event of EVENTS) addEventListener(event, listener, true)
  return () => {
    for (const event of EVENTS) removeEventListener(event, listener, true)
  }
}

const isPresent = () => document.visibilityState === 'visible' && document.hasFocus()

/** True while the window is visible and focused: what is on the screen counts as read. */
export const usePresentViewer = (): boolean => useSyncExternalStore(subscribe, isPresent)
