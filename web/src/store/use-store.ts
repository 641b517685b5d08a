import { useSyncExternalStore } from 'react'
import type { Store } from './observable-store.ts'

/** The store's value, kept current. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/** A part of the store's value. `select` gives the same reference as long as that part is the same. */
export function useSelected<T, S>(store: Store<T>, select: (value: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
