import { useEffect, useState } from 'react'
import { afterPaint } from '../ui/after-paint.ts'

/** The beginning of a list, one item longer with each frame: drawing all of it at once would delay the user's input. */
export function useOneByOne<T>(items: readonly T[]): readonly T[] {
  const [count, setCount] = useState(0)
  useEffect(() => (count < items.length ? afterPaint(() => setCount(count + 1)) : undefined), [count, items.length])
  return items.slice(0, count)
}
