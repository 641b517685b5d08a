import { type RefObject, useEffect, useRef, useState } from 'react'
import { useSession } from '../session/session-context.ts'

interface ShownDraft {
  /** Another one where another device has written meanwhile: the field begins anew with what the session's drafts hold. */
  version: number
  hasFocus: boolean
  /** What the field stands in. */
  root: RefObject<HTMLDivElement | null>
}

/** Brings what was written here on another device, when the place is opened and when the viewer comes back to the page. */
export function useDraft(place: string): ShownDraft {
  const { drafts } = useSession()
  const root = useRef<HTMLDivElement>(null)
  // On a phone the keyboard would cover half of what one came to read.
  const [shown, setShown] = useState(() => ({
    version: drafts.versionOf(place),
    hasFocus: !matchMedia('(pointer: coarse)').matches,
  }))

  useEffect(() => {
    let isHere = true
    const close = drafts.open(place)
    const look = async () => {
      await drafts.load(place)
      if (!isHere) return
      const version = drafts.versionOf(place)
      const hasFocus = root.current?.contains(document.activeElement) ?? false
      setShown((before) => (before.version === version ? before : { version, hasFocus }))
    }
    const unsubscribe = drafts.returned.subscribe(() => {
      if (drafts.returned.get()?.place === place) setShown({ version: drafts.versionOf(place), hasFocus: true })
    })
    const onFocus = () => void look()
    onFocus()
    addEventListener('focus', onFocus)
    return () => {
      isHere = false
      unsubscribe()
      removeEventListener('focus', onFocus)
      close()
    }
  }, [drafts, place])

  return { ...shown, root }
}
