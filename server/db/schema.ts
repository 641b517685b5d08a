import type { ColumnType, Generated, Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Meta } from '../../shared/json.ts'
import type { Attachment, ForwardedFrom, MessageKind, Reaction } from '../../shared/message.ts'
import type { MemberRole } from '../../shared/permissions.ts'
import type { PresenceVisibility } from '../../shared/preferences.ts'
import type { ReportAction, ReportReason } from '../../shared/report.ts'
import type { HistoryVisibility, NotificationLevel, RoomKind, RoomSettings } from '../../shared/room.ts'
import type { ScheduleStatus } from '../../shared/schedule.ts'
import type { FilterWord } from '../../shared/word-filter.ts'

/** jsonb: read as a value, written as JSON text because `pg` would write an array as a Postgres array. */
type Json<T> = ColumnType<T, string | undefined, string>

type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>

/**
 * A member's stored settings. A room is hidden while `hiddenUpTo`, its last message when it was hidden, is still its last
 * message.
 */
export type StoredSettings = Partial<Omit<RoomSettings, 'isHidden'> & { hiddenUpTo: number | null }>

export interface UsersTable {
  tenant_id: string
  id: string
  name: string
  picture_url: string | null
  meta: Json<Meta>
  last_seen_at: Date | null
  tokens_valid_from: Date | null
  banned_at: Date | null
  banned_until: Date | null
  ban_reason: string | null
  version: Generated<number>
  is_profile_spreading: Generated<boolean>
  created_at: Generated<Date>
  updated_at: Generated<Date>
}

export interface RoomsTable {
  tenant_id: string
  id: string
  kind: RoomKind
  name: string | null
  description: Generated<string>
  is_private: boolean
  created_by: string
  client_id: string | null
  client_hash: Buffer | null
  direct_low: string | null
  direct_high: string | null
  member_count: Generated<number>
  is_large: Generated<boolean>
  epoch_seed: string
  last_seq: number
  last_ordinal: Generated<number>
  last_message_at: Date | null
  seq: number
  changed_seq: number
  history_from_seq: Generated<number>
  min_seq: Generated<number>
  history_visibility: Generated<HistoryVisibility>
  retention_days: number | null
  slow_mode_seconds: Generated<number>
  frozen_at: Date | null
  archived_at: Date | null
  deleted_at: Date | null
  created_at: Generated<Date>
  updated_at: Generated<Date>
  meta: Json<Meta>
}

export interface MembersTable {
  tenant_id: string
  room_id: string
  user_id: string
  user_name: string
  user_picture_url: string | null
  role: MemberRole
  joined_at: Date
  left_at: Date | null
  left_reason: string | null
  muted_until: Date | null
  mute_reason: string | null
  banned_until: Date | null
  seq: number
  joined_seq: number
  changed_seq: number
  visible_from_seq: Generated<number>
  read_seq: Generated<number>
  read_ordinal: Generated<number>
  read_at: Date | null
  unread_marks: Generated<number>
  seen_seq: Generated<number>
  own_above: Generated<number>
  delivered_seq: Generated<number>
  last_sent_at: Date | null
  settings: Json<StoredSettings>
  banned_at: Date | null
  banned_by: string | null
  ban_reason: string | null
  blocked_at: Date | null
}

export interface MessagesTable {
  tenant_id: string
  room_id: string
  seq: number
  id: string
  changed_seq: number
  ordinal: number | null
  sender_id: string
  client_id: string
  client_hash: Buffer
  is_on_behalf: Generated<boolean>
  kind: MessageKind
  content: string
  reply_to_id: string | null
  thread_id: string | null
  thread_count: number | null
  thread_last_ordinal: number | null
  thread_last_at: Date | null
  thread_participants: string[] | null
  mentions: Generated<string[]>
  mentions_room: Generated<boolean>
  reactions: Json<Reaction[]>
  attachments: Json<Attachment[]>
  pinned_at: Date | null
  pinned_by: string | null
  created_at: Generated<Date>
  edited_at: Date | null
  deleted_at: Date | null
  deleted_by: string | null
  /** The change that deleted it. */
  deleted_seq: number | null
  meta: Json<Meta>
  forwarded_from: NullableJson<ForwardedFrom>
}

export interface MessageVersionsTable {
  tenant_id: string
  room_id: string
  message_id: string
  seq: number
  content: string
  replaced_at: Generated<Date>
}

export interface MessageReactionsTable {
  tenant_id: string
  room_id: string
  message_id: string
  user_id: string
  emoji: string
  seq: number
  created_at: Generated<Date>
}

export interface HiddenMessagesTable {
  tenant_id: string
  room_id: string
  user_id: string
  seq: number
  thread_id: string | null
  ordinal: number | null
  hidden_at: Generated<Date>
}

export interface InvitesTable {
  tenant_id: string
  room_id: string
  id: string
  code: string
  created_by: string
  created_at: Generated<Date>
  expires_at: Date | null
  max_uses: number | null
  uses: Generated<number>
  revoked_at: Date | null
}

export interface PreferencesTable {
  tenant_id: string
  user_id: string
  notifications: Generated<NotificationLevel>
  hides_receipts: Generated<boolean>
  presence_visibility: Generated<PresenceVisibility>
  locale: string | null
  updated_at: Generated<Date>
}

/** Written after the messages, and rebuilt from them if lost. */
export interface MessageSearchTable {
  tenant_id: string
  room_id: string
  seq: number
  changed_seq: number
  message_id: string
  sender_id: string
  sent_at: Date
  /** A tsvector as text. */
  words: string
}

export interface SearchProgressTable {
  tenant_id: string
  room_id: string
  indexed_seq: Generated<number>
}

export interface DraftsTable {
  tenant_id: string
  user_id: string
  room_id: string
  thread_id: string | null
  content: string
  updated_at: Generated<Date>
}

export interface ScheduledMessagesTable {
  tenant_id: string
  id: string
  user_id: string
  room_id: string
  client_id: string
  client_hash: Buffer
  content: string
  reply_to_id: string | null
  thread_id: string | null
  mentions: Generated<string[]>
  mentions_room: Generated<boolean>
  send_at: Date
  status: Generated<ScheduleStatus>
  failure_reason: string | null
  message_id: string | null
  created_at: Generated<Date>
  updated_at: Generated<Date>
}

export interface UserBlocksTable {
  tenant_id: string
  user_id: string
  blocked_id: string
  created_at: Date
}

export interface ReportsTable {
  tenant_id: string
  id: string
  room_id: string
  message_id: string
  sender_id: string
  reporter_id: string | null
  reason: ReportReason
  text: string | null
  content: string
  attachments: Json<Attachment[]>
  created_at: Generated<Date>
  resolved_at: Date | null
  resolved_by: string | null
  action: ReportAction | null
  note: string | null
}

export interface WordFiltersTable {
  tenant_id: string
  room_id: string | null
  words: Json<FilterWord[]>
  version: Generated<number>
  updated_at: Date | null
}

export interface AuditLogTable {
  tenant_id: string
  id: string
  at: Generated<Date>
  actor_id: string
  action: string
  room_id: string | null
  user_id: string | null
  message_id: string | null
  detail: Json<Meta>
}

export interface ThreadFollowsTable {
  tenant_id: string
  room_id: string
  thread_id: string
  user_id: string
  read_ordinal: number
  own_ordinal: Generated<number>
  followed_at: Generated<Date>
}

export interface MentionsTable {
  tenant_id: string
  room_id: string
  thread_id: string | null
  /** Null means everybody in the room. */
  user_id: string | null
  ordinal: number
  sender_id: string
}

/** A single row: see `server/db/installation.ts`. */
export interface InstallationTable {
  is_only: Generated<boolean>
  epoch_salt: Generated<string>
  control_file: string | null
}

/** See `server/db/installation-keys.ts`, the only reader. */
export interface SecretsTable {
  purpose: string
  generation: number
  key: Generated<Buffer>
  created_at: Generated<Date>
}

/** The tables for Kysely; tests/db/database.test.ts ensures that they match the migrations. */
export interface Tables {
  users: UsersTable
  rooms: RoomsTable
  members: MembersTable
  messages: MessagesTable
  message_versions: MessageVersionsTable
  message_reactions: MessageReactionsTable
  hidden_messages: HiddenMessagesTable
  invites: InvitesTable
  preferences: PreferencesTable
  message_search: MessageSearchTable
  search_progress: SearchProgressTable
  drafts: DraftsTable
  scheduled_messages: ScheduledMessagesTable
  user_blocks: UserBlocksTable
  reports: ReportsTable
  word_filters: WordFiltersTable
  audit_log: AuditLogTable
  thread_follows: ThreadFollowsTable
  mentions: MentionsTable
  installation: InstallationTable
  secrets: SecretsTable
}

export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>
export type UserRow = Selectable<UsersTable>
export type RoomRow = Selectable<RoomsTable>
export type MemberRow = Selectable<MembersTable>
export type MessageRow = Selectable<MessagesTable>
export type InviteRow = Selectable<InvitesTable>
export type PreferencesRow = Selectable<PreferencesTable>
export type ReportRow = Selectable<ReportsTable>
export type NewMessage = Insertable<MessagesTable>
export type DraftRow = Selectable<DraftsTable>
export type ScheduledMessageRow = Selectable<ScheduledMessagesTable>
