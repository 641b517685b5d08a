/** Everything that a frontend imports: the router's type, the typed client, the shapes, the errors and the reducers. */
export type { AppRouter } from '../server/app-router.ts'
export { AUDIT_ACTIONS, type AuditAction, type AuditEntry } from './audit.ts'
export { backOff } from './back-off.ts'
export { type ChatClient, type ChatClientOptions, createChatClient } from './chat-client.ts'
export { type AfterClose, afterClose, CLOSE_CODES } from './close-codes.ts'
export type { ConnectionState } from './connection-monitor.ts'
export type { Draft } from './draft.ts'
export { CHAT_ERRORS, type ChatErrorData, type ChatErrorReason, type InputIssue } from './errors.ts'
export type {
  HiddenChange,
  Inbox,
  InboxEvent,
  InboxMark,
  InboxMessage,
  InboxRoom,
  InboxSnapshotEvent,
  ThreadsEvent,
  ViewerEvent,
} from './inbox.ts'
export { applyInboxEvent, EMPTY_INBOX } from './inbox-state.ts'
export type { Invite, InvitePreview } from './invite.ts'
export type { JsonValue, Meta } from './json.ts'
export { LIMITS } from './limits.ts'
export { setLongTimeout } from './long-timeout.ts'
export type { BannedMember, Member } from './member.ts'
export type {
  Attachment,
  ForwardedFrom,
  HiddenMessage,
  Message,
  MessageKind,
  MessagesAround,
  MessageVersion,
  Reaction,
  ThreadPage,
  ThreadSummary,
} from './message.ts'
export type { Page } from './page.ts'
export { MEMBER_ROLES, type MemberRole, mayRole, outranks, PERMISSIONS, type Permission } from './permissions.ts'
export { formatPosition, type Position, parsePosition } from './position.ts'
export type { Preferences, PresenceVisibility } from './preferences.ts'
export type { Presence, PresenceStatus, Typing } from './presence.ts'
export type { OwnReactions, UserReaction } from './reaction.ts'
export type { Receipt } from './receipt.ts'
export { REPORT_ACTIONS, type Report, type ReportAction, type ReportReason, type ReportStatus } from './report.ts'
export type {
  HistoryVisibility,
  MyRoom,
  NotificationLevel,
  Room,
  RoomKind,
  RoomSettings,
  RoomState,
  RoomViewer,
} from './room.ts'
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
  RoomSync,
} from './room-event.ts'
export { applyRoomEvent, RoomGapError } from './room-state.ts'
export type { ScheduledMessage, ScheduleStatus } from './schedule.ts'
export type { SearchHit, SearchSnippet } from './search.ts'
export type { FollowedThread, ThreadCounts } from './thread.ts'
export { transformer } from './transformer.ts'
export type { ClientWithMeta, WithMeta } from './typed-meta.ts'
export type { Me, TokenRole, User, UserBan, UserSummary } from './user.ts'
export type { FilterAction, FilterWord, WordFilter } from './word-filter.ts'
