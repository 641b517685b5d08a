import { type RefObject, useEffect } from 'react'

/** Tells the style sheet on which sides a row overflows: `data-more` is "start", "end", "both" or absent. */
export function useScrollEdges(line: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const element = line.current
    if (!element) return
    const look = () => {
      const left = element.scrollWidth - element.clientWidth - Math.abs(element.scrollLeft)
      const sides = [Math.abs(element.scrollLeft) > 1 && 'start', left > 1 && 'end'].filter(Boolean)
      if (sides.length === 0) delete element.dataset['more']
      else element.dataset['more'] = sides.length === 2 ? 'both' : String(sides[0])
    }
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look)
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [line])
}
