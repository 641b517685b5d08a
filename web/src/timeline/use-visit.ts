import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Store } from '../../../client/client-entry.ts'
import { useMessageActions, useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'
import type { Visit } from '../session/visit.ts'

const MARKED_MS = 2_500

interface UseVisitOptions {
  roomId: string
  /** Whether the message is loaded. */
  isLoaded: (messageId: string) => boolean
  /** Adds the message's row to the page if necessary, and scrolls to it. */
  toMessage: (messageId: string, onShown: (row: Element) => void) => void
}

/** Goes to the requested message and loads the messages around it; returns its id while it is highlighted. */
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
      // A reply gets the focus in its thread.
      if (row instanceof HTMLElement && !here.replyId) row.focus({ preventScroll: true })
      marked.set(messageId)
    })
  }, [here, isHere, toMessage, marked])

  // A later visit of the room starts at its end.
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
