import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Store } from '../../../client/client-entry.ts'
import { useMessageActions, useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import type { Visit } from '../session/visit.ts'

const MARKED_MS = 2_500

interface UseVisitOptions {
  roomId: string
  /** Whether the message is among those that are loaded. */
  isLoaded: (messageId: string) => boolean
  /** Puts the message's row into the page, where it is not there, and the page to the row. */
  toMessage: (messageId: string, onShown: (row: Element) => void) => void
}

/** Goes to the message that the viewer wants to see, loading what lies around it; returns its id while it is marked. */
export function useVisit({ roomId, isLoaded, toMessage }: UseVisitOptions): string | undefined {
  const { visit, toasts } = useSession()
  const { jumpTo } = useMessageActions(roomId)
  const wanted = useStore(visit)
  const begun = useRef<Visit>(undefined)
  const shown = useRef<Visit>(undefined)
  const [marked] = useState(() => new Store<string | undefined>(undefined))
  const markedId = useStore(marked)
  const here = wanted?.roomId === roomId && wanted.messageId ? wanted : undefined
  const isHere = here?.messageId ? isLoaded(here.messageId) : false

  useEffect(() => {
    if (!here?.messageId || isHere || begun.current === here) return
    begun.current = here
    jumpTo(here.messageId).catch((error: unknown) => {
      toasts.fault(error)
      visit.update((latest) => (latest === here ? undefined : latest))
    })
  }, [here, isHere, jumpTo, toasts, visit])

  useLayoutEffect(() => {
    if (!here?.messageId || !isHere || shown.current === here) return
    shown.current = here
    const { messageId } = here
    toMessage(messageId, (row) => {
      // A reply takes the focus in its thread.
      if (row instanceof HTMLElement && !here.replyId) row.focus({ preventScroll: true })
      marked.set(messageId)
    })
  }, [here, isHere, toMessage, marked])

  // Whoever comes back to the room later comes back to its end.
  useEffect(() => {
    if (!markedId) return
    const timer = setTimeout(() => {
      marked.set(undefined)
      visit.update((latest) => (latest === shown.current ? undefined : latest))
    }, MARKED_MS)
    return () => clearTimeout(timer)
  }, [markedId, marked, visit])

  return markedId
}
