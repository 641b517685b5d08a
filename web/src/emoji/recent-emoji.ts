import { Store } from '../../../client/client-entry.ts'

const KEY = 'confab.recent-emoji'
const KEPT = 16
/** Longer than any emoji. Longer entries come from another program and are not shown. */
const MAX_LENGTH = 32

/** The emoji last used on this device, the latest first. */
export class RecentEmoji {
  readonly list = new Store<readonly string[]>(load())

  add(emoji: string) {
    // Another window may have added some.
    this.list.set([emoji, ...load().filter((other) => other !== emoji)].slice(0, KEPT))
    try {
      localStorage.setItem(KEY, JSON.stringify(this.list.get()))
    } catch {
      // A full storage keeps the earlier ones.
    }
  }
}

function load(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    const isEmoji = (each: unknown): each is string =>
      typeof each === 'string' && each !== '' && each.length <= MAX_LENGTH
    return Array.isArray(kept) ? kept.filter(isEmoji).slice(0, KEPT) : []
  } catch {
    return []
  }
}
