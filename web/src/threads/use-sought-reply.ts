import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type OpenThread, Store } from '../../../client/client-entry.ts'
import { useStore } from '../../../client/react/react-entry.ts'
import { useSession } from '../session/session-context.ts'

const MARKED_MS = 2_500
/** At most this many pages are loaded. Replies further back are found by scrolling. */
const MAX_PAGES = 40

interface SoughtReplyOptions {
  /** A new object for each request. */
  sought: { replyId?: string }
  thread: OpenThread & { loadOlder: () => Promise<void> }
  scroller: RefObject<HTMLElement | null>
  toRow: (row: Element) => void
}

/** Goes to the requested reply and loads the pages before it; returns its id while it is highlighted. */
export function useSoughtReply({ sought, thread, scroller, toRow }: SoughtReplyOptions): string | undefined {
  const { toasts } = useSession()
  const { replies, older, loadOlder } = thread
  const [marked] = useState(() => new Store<string | undefined>(undefined))
  const markedId = useStore(marked)
  const search = useRef({ sought, pages: 0, isOver: false })
  const { replyId } = sought
  const isLoaded = replies.some(({ id }) => id === replyId)

  useEffect(() => {
    if (search.current.sought !== sought) search.current = { sought, pages: 0, isOver: false }
    const current = search.current
    if (!replyId || isLoaded || current.isOver) return
    if (older === 'none' || (older === 'more' && current.pages >= MAX_PAGES)) {
      current.isOver = true
      toasts.warn(
        older === 'none' ? 'This reply no longer exists.' : 'This reply is further back. Scroll up to find it.',
      )
    } else if (older === 'more') {
      current.pages++
      void loadOlder()
    }
  }, [sought, replyId, isLoaded, older, loadOlder, toasts])

  const shown = useRef<object>(undefined)
  useLayoutEffect(() => {
    if (!replyId || !isLoaded || shown.current === sought) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(replyId)}"]`)
    if (!row) return
    shown.current = sought
    toRow(row)
    row.focus({ preventScroll: true })
    marked.set(replyId)
  }, [sought, replyId, isLoaded, scroller, toRow, marked])

  useEffect(() => {
    if (!markedId) return
    const timer = setTimeout(() => marked.set(undefined), MARKED_MS)
    return () => clearTimeout(timer)
  }, [markedId, marked])

  return markedId
}
