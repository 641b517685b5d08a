import { useEffect } from 'react'
import { hrefInPage } from '../ui/route.ts'

/**
 * Links in messages open in a new tab. A link to a place in this page opens in the page, unless the user asks for another
 * window.
 */
export function useLinksInPage() {
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const { button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented, target } = event
      if (button !== 0 || ctrlKey || metaKey || shiftKey || altKey || defaultPrevented) return
      const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[target="_blank"]') : null
      const href = link && hrefInPage(link.href)
      if (!href) return
      event.preventDefault()
      location.hash = href
    }
    document.addEventListener('click', onClick)
    return () => document.removeEventListener('click', onClick)
  }, [])
}
