import type { ColumnType, Generated, Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Meta } from '../../shared/json.ts'
import type { Attachment, MessageKind, Reaction } from '../../shared/message.ts'
import type { MemberRole } from '../../shared/permissions.ts'
import type { HistoryVisibility, RoomKind, RoomSettings } from '../../shared/room.ts'

/** jsonb: read as a value, written as JSON text, because `pg` would write an array as a Postgres array. */
type Json<T> = ColumnType<T, string | undefined, string>

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
  delivered_seq: Generated<number>
  last_sent_at: Date | null
  settings: Json<Partial<RoomSettings>>
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
  meta: Json<Meta>
}

export interface MessageVersionsTable {
  tenant_id: string
  room_id: string
  message_id: string
  seq: number
  content: string
  replaced_at: Generated<Date>
}

/** The tables as Kysely knows them; tests/db/database.test.ts keeps this equal to what the migrations make. */
export interface Tables {
  users: UsersTable
  rooms: RoomsTable
  members: MembersTable
  messages: MessagesTable
  message_versions: MessageVersionsTable
}

export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>
export type UserRow = Selectable<UsersTable>
export type RoomRow = Selectable<RoomsTable>
export type MemberRow = Selectable<MembersTable>
export type MessageRow = Selectable<MessagesTable>
export type NewMessage = Insertable<MessagesTable>
