import { useMemo } from 'react'
import type { Message } from '../../shared/index.ts'
import type { LiveChat } from '../live-chat.ts'
import type { OutboxEntry, OutgoingMessage } from '../outbox/outbox-entry.ts'
import type { NewMentions } from '../room/message-changes.ts'
import type { PagePhase } from '../room/message-pager.ts'
import type { MessageChange } from '../room/pending-changes.ts'
import { useChat } from './chat-context.ts'
import { useStore } from './use-store.ts'

/** The actions on a room's messages; the same object as long as the room is the same. */
export interface MessageActions {
  /** Loads a page before the first message, or after the last one. Does nothing if there is no page, or while one is loading. */
  loadOlder: () => Promise<void>
  loadNewer: () => Promise<void>
  /** Shows a message and its neighbours. */
  jumpTo: (messageId: string) => Promise<void>
  /** Goes back to the newest messages. */
  toNewest: () => Promise<void>
  /** Sends a text, or a message with attachments and the like. It appears in `waiting` at once and survives a reload. */
  send: (message: string | OutgoingMessage) => OutboxEntry
  /** Sends a failed message of `waiting` again, or discards it. */
  retry: (clientId: string) => void
  discard: (clientId: string) => void
  /** Changes a message. The change shows at once; if it fails, the call rejects and the old message shows again. */
  edit: (messageId: string, content: string, mentions?: NewMentions) => Promise<Message>
  remove: (messageId: string) => Promise<Message>
  change: (change: MessageChange) => Promise<Message>
  /** Marks the message at `seq` and the later messages of others as unread on all of the viewer's devices. */
  markUnread: (seq: number) => Promise<void>
}

export interface RoomMessages extends MessageActions {
  /** The loaded messages, oldest first; empty until the room is open. */
  messages: readonly Message[]
  /** The viewer's own messages that the room does not show yet, in the order of writing, without replies in threads. */
  waiting: readonly OutboxEntry[]
  older: PagePhase
  newer: PagePhase
}

const NOT_OPEN: Pick<RoomMessages, 'messages' | 'older' | 'newer'> = { messages: [], older: 'none', newer: 'none' }

/** A room's messages, live, and the actions on them. */
export function useMessages(roomId: string): RoomMessages {
  const chat = useChat()
  const actions = useMessageActions(roomId)
  const room = useStore(useMemo(() => chat.room(roomId), [chat, roomId]).view)
  const entries = useStore(chat.outbox.entries)
  const waiting = useMemo(
    () => entries.filter((entry) => entry.roomId === roomId && !entry.message.threadId),
    [entries, roomId],
  )
  const { messages, older, newer } = room.phase === 'open' ? room : NOT_OPEN
  return useMemo(() => ({ ...actions, messages, waiting, older, newer }), [actions, messages, waiting, older, newer])
}

/** Only the actions, for components that need no redraw with each message. */
export function useMessageActions(roomId: string): MessageActions {
  const chat = useChat()
  return useMemo(() => actionsOf(chat, roomId), [chat, roomId])
}

function actionsOf(chat: LiveChat, roomId: string): MessageActions {
  // Each call looks the store up, because the shelf may have made another one.
  const room = () => chat.room(roomId)
  return {
    loadOlder: () => room().loadOlder(),
    loadNewer: () => room().loadNewer(),
    jumpTo: (messageId) => room().jumpTo(messageId),
    toNewest: () => room().load(),
    send: (message) => chat.outbox.send(roomId, typeof message === 'string' ? { content: message } : message),
    retry: (clientId) => chat.outbox.retry(clientId),
    discard: (clientId) => chat.outbox.discard(clientId),
    edit: (messageId, content, mentions) => room().edit(messageId, content, mentions),
    remove: (messageId) => room().remove(messageId),
    change: (change) => room().change(change),
    markUnread: (seq) => chat.markUnread(roomId, seq),
  }
}
