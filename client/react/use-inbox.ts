import { useMemo } from 'react'
import type { MyRoom } from '../../shared/index.ts'
import type { InboxView } from '../inbox/inbox-store.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

export interface LiveInbox extends InboxView {
  /** Loads more rooms; nothing where all are there. Rejects where it fails. */
  loadMore: () => Promise<void>
  /** Fetches the list again, after `failed`. */
  refresh: () => Promise<void>
  /** Takes in a room that a call has just returned, before the inbox tells of it. */
  add: (room: MyRoom) => void
}

/** The viewer's rooms, latest activity first, and what is unread in them, live. */
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
