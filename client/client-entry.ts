/** `confab/client`: live stores over the typed client, without a framework. */
export type { InboxView } from './inbox/inbox-store.ts'
export { InboxStore } from './inbox/inbox-store.ts'
export { ReadMarker } from './inbox/read-marker.ts'
export {
  applyToEntries,
  byActivity,
  type LastMessage,
  mergeEntries,
  type RoomEntry,
  toEntry,
} from './inbox/room-entry.ts'
export { LiveChat, type LiveChatOptions } from './live-chat.ts'
export { Outbox, OutboxFullError, type OutboxOptions } from './outbox/outbox.ts'
export type { KeptMessage, OutboxEntry, OutgoingMessage } from './outbox/outbox-entry.ts'
export {
  KeyValueOutboxStorage,
  type KeyValueStorage,
  MemoryOutboxStorage,
  type OutboxStorage,
  type StorageChanges,
} from './outbox/outbox-storage.ts'
export type { RunAlone } from './outbox/run-alone.ts'
export { type PresenceMap, PresenceStore } from './people/presence-store.ts'
export { type ReceiptMap, ReceiptStore } from './people/receipt-store.ts'
export { TypingStore } from './people/typing-store.ts'
export { type ChangeTarget, editing, type NewMentions, pinning, reacting, removing } from './room/message-changes.ts'
export type { PagePhase } from './room/message-pager.ts'
export type { MessageChange } from './room/pending-changes.ts'
export { type GoneCause, type OpenRoom, RoomStore, type RoomStoreOptions, type RoomView } from './room/room-store.ts'
export { type ChatFailure, isRetryable, toChatFailure } from './store/chat-failure.ts'
export type { ChatNews } from './store/chat-news.ts'
export { keepSubscribed, type StreamEnd } from './store/keep-subscribed.ts'
export { Store } from './store/observable-store.ts'
export { type OpenThread, ThreadStore, type ThreadView } from './thread/thread-store.ts'
