import type { Tables } from './schema.ts'

/*
 * The inventory of what the database can hold about a person. It lists every column of every table as personal or impersonal: a
 * table or column of `schema.ts` that is missing here does not compile, and tests/db/personal-columns.test.ts compares the
 * inventory with the columns that the migrations create.
 */

/** The effect on a personal column when the person is erased. */
export type Erasure =
  /** The value is emptied and its row stays. Rows of a room change through its log, so that clients fold to the erased state. */
  | 'blank'
  /** The whole row is deleted. */
  | 'delete'
  /** The value stays. */
  | 'keep'

type ColumnName = { [T in keyof Tables]: `${T}.${keyof Tables[T] & string}` }[keyof Tables]

export interface PersonalColumn {
  /** What the value says, as a phrase. For a column that is kept, also why that is acceptable. */
  holds: string
  erasure: Erasure
  /** The column with the id of the person whom the value is about, in the same row or in the row that it belongs to. */
  of: ColumnName
}

export type ColumnEntry = PersonalColumn | 'impersonal'

type Inventory = { readonly [T in keyof Tables]: { readonly [C in keyof Tables[T]]: ColumnEntry } }

/** Ids, counters, flags and times of rows that say nothing about a person by themselves. */
function impersonal<const C extends string>(...columns: C[]): Record<C, 'impersonal'>
function impersonal(...columns: string[]): Record<string, 'impersonal'> {
  return Object.fromEntries(columns.map((column) => [column, 'impersonal' as const]))
}

/** Columns that hold user ids. An id is an opaque reference of the host application, and stays. */
function userIds<T extends keyof Tables, const C extends keyof Tables[T] & string>(
  table: T,
  ...columns: C[]
): Record<C, PersonalColumn>
function userIds(table: string, ...columns: string[]): Record<string, object> {
  const holds = 'user ids: opaque references of the host application'
  return Object.fromEntries(columns.map((name) => [name, { holds, erasure: 'keep', of: `${table}.${name}` }]))
}

const blank = (of: ColumnName, holds: string): PersonalColumn => ({ holds, erasure: 'blank', of })
const deleted = (of: ColumnName, holds: string): PersonalColumn => ({ holds, erasure: 'delete', of })
const kept = (of: ColumnName, holds: string): PersonalColumn => ({ holds, erasure: 'keep', of })

export const PERSONAL_COLUMNS: Inventory = {
  users: {
    ...userIds('users', 'id'),
    ...impersonal('tenant_id', 'tokens_valid_from', 'version', 'is_profile_spreading', 'created_at', 'updated_at'),
    name: blank('users.id', "the user's name"),
    picture_url: blank('users.id', "the address of the user's picture"),
    meta: blank('users.id', 'what the host application keeps with the user'),
    last_seen_at: blank('users.id', 'when the user was last online'),
    banned_at: kept('users.id', 'that the user is banned, since when: a ban outlasts an erasure'),
    banned_until: kept('users.id', 'until when the user is banned: a ban outlasts an erasure'),
    ban_reason: blank('users.id', 'why the user was banned, in a moderator’s words'),
  },
  rooms: {
    ...userIds('rooms', 'created_by', 'direct_low', 'direct_high'),
    ...impersonal('tenant_id', 'id', 'kind', 'is_private', 'client_id', 'member_count', 'is_large', 'epoch_seed'),
    ...impersonal('last_seq', 'last_ordinal', 'last_message_at', 'seq', 'changed_seq', 'history_from_seq', 'min_seq'),
    ...impersonal('history_visibility', 'retention_days', 'slow_mode_seconds', 'frozen_at', 'archived_at'),
    ...impersonal('deleted_at', 'created_at', 'updated_at'),
    name: kept('rooms.created_by', 'a name that belongs to the room and to all of its members'),
    description: kept('rooms.created_by', 'a description that belongs to the room and to all of its members'),
    meta: kept('rooms.created_by', 'what the host application keeps with the room'),
    client_hash: kept('rooms.created_by', 'a hash of the name, members and settings that the room was made with'),
  },
  members: {
    ...userIds('members', 'user_id', 'banned_by'),
    ...impersonal('tenant_id', 'room_id', 'role', 'joined_at', 'left_at', 'muted_until', 'banned_until', 'banned_at'),
    ...impersonal('blocked_at', 'seq', 'joined_seq', 'changed_seq', 'visible_from_seq', 'unread_marks', 'own_above'),
    user_name: blank('members.user_id', "the user's name, or nickname in this room"),
    user_picture_url: blank('members.user_id', "the address of the user's picture"),
    left_reason: blank('members.user_id', 'why the member was removed, in a moderator’s words'),
    mute_reason: blank('members.user_id', 'why the member was muted, in a moderator’s words'),
    ban_reason: blank('members.user_id', 'why the member was banned, in a moderator’s words'),
    settings: blank('members.user_id', "the member's settings and nickname in this room"),
    read_at: blank('members.user_id', 'when the member last read'),
    seen_seq: kept('members.user_id', 'the furthest that the member has read, which receipts show'),
    last_sent_at: blank('members.user_id', 'when the member last sent a message'),
    read_seq: kept('members.user_id', 'how far the member has read: unread counts rest on it'),
    read_ordinal: kept('members.user_id', 'how far the member has read: unread counts rest on it'),
    delivered_seq: kept('members.user_id', "how far the room has reached the member's devices"),
  },
  messages: {
    ...userIds('messages', 'sender_id', 'thread_participants', 'mentions', 'pinned_by', 'deleted_by'),
    ...impersonal('tenant_id', 'room_id', 'seq', 'id', 'changed_seq', 'ordinal', 'client_id', 'is_on_behalf', 'kind'),
    ...impersonal('reply_to_id', 'thread_id', 'thread_count', 'thread_last_ordinal', 'thread_last_at'),
    ...impersonal('mentions_room', 'pinned_at', 'created_at', 'edited_at', 'deleted_at', 'deleted_seq'),
    content: blank('messages.sender_id', 'what the sender wrote'),
    client_hash: blank('messages.sender_id', 'a hash of the content, which confirms a guess of it'),
    attachments: blank('messages.sender_id', 'the files that the sender attached, with their names'),
    meta: blank('messages.sender_id', 'what the host application keeps with the message'),
    forwarded_from: blank('messages.sender_id', "the forwarded author's id and name"),
    reactions: kept('message_reactions.user_id', 'counts, and user ids: opaque references of the host application'),
  },
  message_versions: {
    ...impersonal('tenant_id', 'room_id', 'message_id', 'seq', 'replaced_at'),
    content: deleted('messages.sender_id', 'what the sender wrote before an edit'),
  },
  message_reactions: {
    ...impersonal('tenant_id', 'room_id', 'message_id', 'seq', 'created_at'),
    user_id: deleted('message_reactions.user_id', 'who reacted'),
    emoji: deleted('message_reactions.user_id', 'how the user reacted'),
  },
  hidden_messages: {
    ...impersonal('tenant_id', 'room_id', 'seq', 'thread_id', 'ordinal', 'hidden_at'),
    user_id: deleted('hidden_messages.user_id', 'who has hidden the message'),
  },
  invites: {
    ...userIds('invites', 'created_by'),
    ...impersonal('tenant_id', 'room_id', 'id', 'code', 'created_at', 'expires_at', 'max_uses', 'uses', 'revoked_at'),
  },
  preferences: {
    ...impersonal('tenant_id', 'updated_at'),
    user_id: deleted('preferences.user_id', 'whose preferences the row holds'),
    notifications: deleted('preferences.user_id', 'which notifications the user wants'),
    hides_receipts: deleted('preferences.user_id', 'whether the user hides what was read'),
    presence_visibility: deleted('preferences.user_id', 'who can see when the user is online'),
    locale: deleted('preferences.user_id', "the user's language"),
  },
  message_search: {
    ...userIds('message_search', 'sender_id'),
    ...impersonal('tenant_id', 'room_id', 'seq', 'changed_seq', 'message_id', 'sent_at'),
    words: deleted('message_search.sender_id', 'the words of the message'),
  },
  search_progress: impersonal('tenant_id', 'room_id', 'indexed_seq'),
  drafts: {
    ...impersonal('tenant_id', 'room_id', 'thread_id', 'updated_at'),
    user_id: deleted('drafts.user_id', 'whose draft it is'),
    content: deleted('drafts.user_id', 'what the user has begun to write'),
  },
  scheduled_messages: {
    ...impersonal('tenant_id', 'id', 'room_id', 'client_id', 'reply_to_id', 'thread_id', 'mentions_room', 'send_at'),
    ...impersonal('status', 'failure_reason', 'message_id', 'created_at', 'updated_at'),
    user_id: deleted('scheduled_messages.user_id', 'whose message it is'),
    content: deleted('scheduled_messages.user_id', 'what the user is going to send'),
    client_hash: deleted('scheduled_messages.user_id', 'a hash of the content, which confirms a guess of it'),
    mentions: deleted('scheduled_messages.user_id', 'whom the message mentions'),
  },
  user_blocks: {
    ...impersonal('tenant_id', 'created_at'),
    user_id: deleted('user_blocks.user_id', 'who blocks'),
    blocked_id: deleted('user_blocks.user_id', 'whom the user blocks'),
  },
  reports: {
    ...userIds('reports', 'sender_id', 'reporter_id', 'resolved_by'),
    ...impersonal('tenant_id', 'id', 'room_id', 'message_id', 'reason', 'created_at', 'resolved_at', 'action'),
    text: blank('reports.reporter_id', 'why the reporter reported the message, in words'),
    content: blank('reports.sender_id', 'what the reported sender wrote'),
    attachments: blank('reports.sender_id', 'the files of the reported message, with their names'),
    note: blank('reports.resolved_by', "the moderator's note"),
  },
  word_filters: {
    ...impersonal('tenant_id', 'room_id', 'version', 'updated_at'),
    words: kept('rooms.created_by', 'words that moderators do not allow: a rule of the room or tenant'),
  },
  audit_log: {
    ...userIds('audit_log', 'actor_id', 'user_id'),
    ...impersonal('tenant_id', 'id', 'at', 'action', 'room_id', 'message_id'),
    detail: blank('audit_log.user_id', 'names before and after a change, and reasons in a moderator’s words'),
  },
  thread_follows: {
    ...impersonal('tenant_id', 'room_id', 'thread_id', 'read_ordinal', 'own_ordinal', 'followed_at'),
    user_id: deleted('thread_follows.user_id', 'who follows the thread'),
  },
  mentions: {
    ...userIds('mentions', 'user_id', 'sender_id'),
    ...impersonal('tenant_id', 'room_id', 'thread_id', 'ordinal'),
  },
  installation: impersonal('is_only', 'epoch_salt', 'control_file'),
  secrets: impersonal('purpose', 'generation', 'key', 'created_at'),
}
