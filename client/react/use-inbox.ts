import { useMemo } from 'react'
import type { MyRoom } from '../../shared/index.ts'
import type { InboxView } from '../inbox/inbox-store.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

export interface LiveInbox extends InboxView {
  /** Loads more rooms. Does nothing once all are loaded. Rejects if it fails. */
  loadMore: () => Promise<void>
  /** Fetches the list again, after `failed`. */
  refresh: () => Promise<void>
  /** Adds a room that a call has just returned, before the inbox reports it. */
  add: (room: MyRoom) => void
}

/** The viewer's rooms, latest activity first, and their unread counts, live. */
export function useInbox(): LiveInbox {
  const { inbox } = useChat()
  const view = useStore(inbox.view)
  return useMemo(
    () => ({
      ...view,
      loadMore: () => inbox.loadMore(),
      refresh: () => inbox.refresh(),
      add: (room) => inbox.add(room),
    }),
    [view, inbox],
  )
}
