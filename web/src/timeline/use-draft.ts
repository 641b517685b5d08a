import { type RefObject, useEffect, useRef, useState } from 'react'
import { useSession } from '../session/session-context.ts'

interface ShownDraft {
  /** Changes when another device has written: the field starts again from the session's drafts. */
  version: number
  hasFocus: boolean
  /** The element around the field. */
  root: RefObject<HTMLDivElement | null>
}

/** Loads what was written on another device, when the place is opened and when the viewer comes back to the page. */
export function useDraft(place: string): ShownDraft {
  const { drafts } = useSession()
  const root = useRef<HTMLDivElement>(null)
  // On a phone the keyboard would cover half of the messages.
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
