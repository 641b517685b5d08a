import { useSyncExternalStore } from 'react'
import type { Store } from '../store/observable-store.ts'

/** The store's value, kept current. The store's work continues as long as a component listens. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get)
}

/** A part of the store's value. `select` must return the same reference as long as that part is the same. */
export function useSelected<T, S>(store: Store<T>, select: (value: T) => S): S {
  const selected = () => select(store.get())
  return useSyncExternalStore(store.subscribe, selected, selected)
}
