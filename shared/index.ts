/** What a frontend imports: the router's type, the typed client, the shapes, the errors and the reducers. */
export type { AppRouter } from '../server/rpc/app-router.ts'
export { type ChatClient, type ChatClientOptions, createChatClient } from './chat-client.ts'
export { type AfterClose, afterClose, CLOSE_CODES } from './close-codes.ts'
export type { ConnectionState } from './connection-monitor.ts'
export { CHAT_ERRORS, type ChatErrorData, type ChatErrorReason, type InputIssue } from './errors.ts'
export type { Inbox, InboxEvent, InboxMessage, InboxRoom } from './inbox.ts'
export { applyInboxEvent, EMPTY_INBOX } from './inbox-state.ts'
export type { JsonValue, Meta } from './json.ts'
export { LIMITS } from './limits.ts'
export type { Member } from './member.ts'
export type {
  Attachment,
  Message,
  MessageKind,
  MessagesAround,
  MessageVersion,
  Reaction,
  ThreadSummary,
} from './message.ts'
export type { Page } from './page.ts'
export { MEMBER_ROLES, type MemberRole, mayRole, outranks, PERMISSIONS, type Permission } from './permissions.ts'
export { formatPosition, type Position, parsePosition } from './position.ts'
export type { Presence, PresenceStatus, Typing } from './presence.ts'
export type { HistoryVisibility, MyRoom, Room, RoomKind, RoomSettings, RoomState, RoomViewer } from './room.ts'
export type {
  HiddenEvent,
  LogEvent,
  LogInterval,
  MemberEvent,
  MessageEvent,
  ReadyEvent,
  ResetEvent,
  ResetReason,
  RoomChangedEvent,
  RoomChanges,
  RoomEvent,
  RoomLogEvent,
} from './room-event.ts'
export { applyRoomEvent, RoomGapError } from './room-state.ts'
export { transformer } from './transformer.ts'
export type { Me, TokenRole, User, UserSummary } from './user.ts'
