import { z } from 'zod'
import { clientId, position, roomId, userId, userIds } from './ids.ts'
import { inviteCode } from './invite.ts'
import { type Meta, metaObject } from './json.ts'
import { LIMITS } from './limits.ts'
import type { Member } from './member.ts'
import type { Message } from './message.ts'
import { limit, paging } from './page.ts'
import type { MemberRole } from './permissions.ts'
import { nameText, proseText } from './text.ts'
import type { UserSummary } from './user.ts'

/** `direct` is one conversation of two users; `group` has named members; `channel` can be found and joined unless private. */
export type RoomKind = 'direct' | 'group' | 'channel'

/** The history that new members may read: everything, or only messages after they join. */
export type HistoryVisibility = 'all' | 'joined'

export interface Room {
  id: string
  kind: RoomKind
  /** Null in direct rooms, which take the other user's name. */
  name: string | null
  description: string
  isPrivate: boolean
  createdBy: string
  memberCount: number
  /** The position of the room's log when this was read. `room.onEvent` resumes from it. */
  position: string
  lastSeq: number
  lastOrdinal: number
  /** Messages before this have been deleted for good. */
  historyFromSeq: number
  historyVisibility: HistoryVisibility
  /** Permanently true once the room has had more than 200 members. Its snapshot and its state then list no members. */
  isLarge: boolean
  slowModeSeconds: number
  frozenAt: Date | null
  archivedAt: Date | null
  createdAt: Date
  updatedAt: Date
  seq: number
  changedSeq: number
  meta: Meta
}

/** The member's notification level. */
export type NotificationLevel = 'all' | 'mentions' | 'none'

/** A member's own settings for a room. */
export interface RoomSettings {
  notifications: NotificationLevel
  /** Pinned rooms come first in `room.list`. */
  isPinned: boolean
  /** Hidden from `room.list` until the next message, unless the caller asks for hidden rooms. */
  isHidden: boolean
  /** This member's name in this room, for everyone; null for the user's own name. */
  nickname: string | null
}

/** The fields that depend on the caller. They are never part of an event. */
export interface RoomViewer {
  role: MemberRole
  /** The viewer's own marker. The marker that others see in receipts never moves back. */
  readSeq: number
  readOrdinal: number
  /** How often the viewer has marked messages as unread here. `receipt.read` takes it to detect a read that comes too late. */
  unreadMarks: number
  unread: number
  mentions: number
  /** This member can't see messages before this. */
  visibleFromSeq: number
  settings: RoomSettings
}

/** A room as one of its members sees it. */
export interface MyRoom<M extends object = Meta> extends Room {
  viewer: RoomViewer
  lastMessage: Message<M> | null
  /** The other user of a direct room, otherwise null. */
  peer: UserSummary | null
}

/** The result of `room.snapshot`, and the state of `applyRoomEvent`. Members in order of first joining, messages oldest first. */
export interface RoomState<M extends object = Meta> {
  position: string
  room: Room
  /** The current members; empty in a large room (`room.isLarge`), where `member.list` pages. */
  members: Member[]
  /** The newest messages of the room itself, without thread replies. */
  messages: Message<M>[]
  /** Every message from this seq on is loaded, and the reducer ignores older ones. 0 if nothing older exists. */
  messagesFromSeq: number
}

export const notificationLevel = z.enum(['all', 'mentions', 'none'])

export const roomInputs = {
  create: z.strictObject({
    kind: z.enum(['group', 'channel']),
    name: nameText(),
    clientId: clientId.optional(),
    description: proseText(LIMITS.description).optional(),
    isPrivate: z.boolean().optional(),
    memberIds: userIds.or(z.array(userId).length(0)).optional(),
    ownerId: userId.optional(),
    meta: metaObject.optional(),
  }),
  direct: z.strictObject({ userId }),
  get: z.strictObject({ roomId }),
  list: z.strictObject({ ...paging, archived: z.boolean().default(false), hidden: z.boolean().default(false) }),
  snapshot: z.strictObject({ roomId, messages: limit.default(LIMITS.pageDefault) }),
  discover: z.strictObject({ query: proseText(LIMITS.searchQuery).optional(), ...paging }),
  update: z.strictObject({
    roomId,
    name: nameText().optional(),
    description: proseText(LIMITS.description).optional(),
    isPrivate: z.boolean().optional(),
    slowModeSeconds: z.int().min(0).max(LIMITS.slowModeSeconds).optional(),
    historyVisibility: z.enum(['all', 'joined']).optional(),
    meta: metaObject.optional(),
  }),
  byId: z.strictObject({ roomId }),
  join: z.union([z.strictObject({ roomId }), z.strictObject({ inviteCode })]),
  settings: z.strictObject({
    roomId,
    notifications: notificationLevel.optional(),
    isPinned: z.boolean().optional(),
    isHidden: z.boolean().optional(),
    nickname: nameText().nullable().optional(),
  }),
  changes: z.strictObject({ roomId, after: position.optional(), limit: limit.default(LIMITS.page) }),
  sync: z.strictObject({
    positions: z
      .record(roomId, position)
      .refine(
        (positions) => Object.keys(positions).length <= LIMITS.syncRooms,
        `at most ${LIMITS.syncRooms} rooms a call`,
      ),
  }),
  onEvent: z.strictObject({ roomId, lastEventId: position.optional() }),
}

export const typingInputs = {
  set: z.strictObject({ roomId, isTyping: z.boolean() }),
  onChange: z.strictObject({ roomId }),
}
