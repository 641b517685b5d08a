import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { RoomMessages } from '../../../client/react/react-entry.ts'

/** At most this many pages are loaded. Messages further back are found by scrolling. */
const MAX_PAGES = 40

/** Goes back to the first unread message, page by page. */
export function useFirstUnread({ older, loadOlder, messages }: RoomMessages, readSeq: number, toLine: () => void) {
  const [isSeeking, setSeeking] = useState(false)
  const pages = useRef(0)
  const isThere = older !== 'more' || (messages[0]?.seq ?? 0) <= readSeq

  useEffect(() => {
    if (!isSeeking || older === 'loading' || isThere || pages.current >= MAX_PAGES) return
    pages.current++
    void loadOlder()
  }, [isSeeking, older, isThere, loadOlder])

  useLayoutEffect(() => {
    if (!isSeeking || older === 'loading' || !(isThere || pages.current >= MAX_PAGES)) return
    toLine()
    setSeeking(false)
  }, [isSeeking, older, isThere, toLine])

  const seek = () => {
    pages.current = 0
    setSeeking(true)
  }
  return { isSeeking, seek }
}
