import { useMemo } from 'react'
import type { Message } from '../../shared/index.ts'
import type { OutboxEntry } from '../outbox/outbox-entry.ts'
import type { MessageChange } from '../room/pending-changes.ts'
import type { ThreadView } from '../thread/thread-store.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/** The actions on a thread; the same functions as long as the thread is the same. */
export interface ThreadActions {
  loadOlder: () => Promise<void>
  reload: () => void
  change: (change: MessageChange) => Promise<Message>
}

/** A thread by `phase`, and the actions on it. */
export type LiveThread = ThreadView &
  ThreadActions & {
    /** The viewer's own replies that the room does not show yet, in the order of writing. */
    waiting: readonly OutboxEntry[]
  }

/** A thread with its root and its replies, live as long as its room is live too. */
export function useThread(roomId: string, threadId: string): LiveThread {
  const chat = useChat()
  const store = useMemo(() => chat.thread(roomId, threadId), [chat, roomId, threadId])
  const view = useStore(store.view)
  const entries = useStore(chat.outbox.entries)
  const waiting = useMemo(
    () => entries.filter((entry) => entry.roomId === roomId && entry.message.threadId === threadId),
    [entries, roomId, threadId],
  )
  const actions = useMemo<ThreadActions>(
    () => ({
      loadOlder: () => store.loadOlder(),
      reload: () => void store.load(),
      change: (change) => store.change(change),
    }),
    [store],
  )
  return useMemo(() => ({ ...view, ...actions, waiting }), [view, actions, waiting])
}
