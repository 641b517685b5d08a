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

/** What new members may read: everything, or only what comes after they join. */
export type HistoryVisibility = 'all' | 'joined'

export interface Room {
  id: string
  kind: RoomKind
  /** Null in direct rooms, which are called after the other user. */
  name: string | null
  description: string
  isPrivate: boolean
  createdBy: string
  memberCount: number
  /** Where the room's log stood when this was read: `room.onEvent` resumes from it. */
  position: string
  lastSeq: number
  lastOrdinal: number
  /** Messages before this are gone. */
  historyFromSeq: number
  historyVisibility: HistoryVisibility
  /** Set for good once the room has had more than 200 members: its snapshot and its state then list no members. */
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

/** What to be notified of. */
export type NotificationLevel = 'all' | 'mentions' | 'none'

/** One member's own settings of a room. */
export interface RoomSettings {
  notifications: NotificationLevel
  /** Pinned rooms come first in `room.list`. */
  isPinned: boolean
  /** Left out of `room.list` until the next message is sent there, or it is asked for the hidden ones. */
  isHidden: boolean
  /** What this member is called in this room, by everybody; null for the user's own name. */
  nickname: string | null
}

/** What depends on who asks: never part of an event. */
export interface RoomViewer {
  role: MemberRole
  /** The viewer's own marker. What others see in receipts never moves back. */
  readSeq: number
  readOrdinal: number
  /** How often the viewer has marked messages as unread here: `receipt.read` takes it to know a read that came too late. */
  unreadMarks: number
  unread: number
  mentions: number
  /** Messages before this are not shown to this member. */
  visibleFromSeq: number
  settings: RoomSettings
}

/** A room as one of its members sees it. */
export interface MyRoom<M extends object = Meta> extends Room {
  viewer: RoomViewer
  lastMessage: Message<M> | null
  /** In a direct room the other user, else null. */
  peer: UserSummary | null
}

/** What `room.snapshot` gives and `applyRoomEvent` folds. Members in order of first joining, messages oldest first. */
export interface RoomState<M extends object = Meta> {
  position: string
  room: Room
  /** Everybody who is in the room now; empty in a large one (`room.isLarge`), where `member.list` pages. */
  members: Member[]
  /** The newest messages of the room itself; thread replies are not among them. */
  messages: Message<M>[]
  /** Every message from this seq on is loaded; what is older is left alone by the reducer. 0 where nothing older is. */
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
