import { type Insertable, sql, type Updateable } from 'kysely'
import { LIMITS } from '../../shared/limits.ts'
import type { Message } from '../../shared/message.ts'
import type { MemberRole } from '../../shared/permissions.ts'
import type { MemberEventType, RoomEventType, RoomLogEvent } from '../../shared/room-event.ts'
import { assertNotBanned, isBanned, NO_BAN } from '../access/ban.ts'
import { type MemberNow, memberClock } from '../access/member-now.ts'
import { userChannel } from '../bus/bus.ts'
import type { RoomBus } from '../bus/room-bus.ts'
import type { Database } from '../db/database.ts'
import type { MemberRow, MembersTable, MessagesTable, RoomRow, RoomsTable, Tx } from '../db/schema.ts'
import { transact } from '../db/transaction.ts'
import { ChatError } from '../errors/chat-error.ts'
import { parseMeta } from '../lib/checks.ts'
import { toMember } from './member-shape.ts'
import { toOneMessage } from './message-shape.ts'
import { toRoom } from './room-shape.ts'
import { bumpUsers } from './user-rows.ts'

/*
 * The lock order, everywhere: rooms in id order, then the roots of their threads, then members in (room, user) order, then users
 * in id order. A change of a room holds the room's row lock from its first statement to the commit, which makes the order of
 * `seq` the order in which changes commit and become visible. Access is read from rows that are locked, or that only holders of
 * the room's lock change: access read before waiting for the lock is stale.
 */

/** The services that a change needs: the database for the change itself, and the bus for the hint that it happened. */
export interface RoomChangeServices {
  database: Database
  bus: RoomBus
}

type NewMember = Pick<Insertable<MembersTable>, 'user_id' | 'user_name' | 'user_picture_url' | 'joined_at'>
type PrivateColumns = Pick<
  Updateable<MembersTable>,
  'banned_until' | 'banned_at' | 'banned_by' | 'ban_reason' | 'blocked_at'
>
type RoomPatch = Updateable<Omit<RoomsTable, 'tenant_id' | 'id' | 'seq' | 'changed_seq' | 'last_seq'>>

/** The columns that a return changes in a departed member's row. */
const RETURN = {
  user_picture_url: sql<string | null>`excluded.user_picture_url`,
  role: sql<MemberRole>`excluded.role`,
  joined_at: sql<Date>`excluded.joined_at`,
  left_at: null,
  left_reason: null,
  ...NO_BAN,
  joined_seq: sql<number>`excluded.joined_seq`,
  changed_seq: sql<number>`excluded.changed_seq`,
  visible_from_seq: sql<number>`excluded.visible_from_seq`,
  read_seq: sql<number>`excluded.read_seq`,
  read_ordinal: sql<number>`excluded.read_ordinal`,
  own_above: 0,
  // A returning member keeps their nickname, and the room reappears in their list.
  user_name: sql<string>`coalesce(members.settings ->> 'nickname', excluded.user_name)`,
  settings: sql<string>`members.settings - 'hiddenUpTo'`,
}

/**
 * Makes one durable change of a room: locks it, lets `work` decide from the locked rows, writes the room back and notifies the
 * feeds after the commit. All or nothing. Events have the order of their seqs. @throws ChatError NOT_FOUND if the room does not
 * exist
 */
export async function changeRoom<T>(
  services: RoomChangeServices,
  { tenantId, roomId }: { tenantId: string; roomId: string },
  work: (change: RoomChange) => Promise<T>,
): Promise<T> {
  const { result, change } = await transact(services.database.db, async (tx) => {
    const room = await tx
      .selectFrom('rooms')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', '=', roomId)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (!room || room.deleted_at) throw new ChatError('NOT_FOUND')
    const started = new RoomChange(tx, room, services.database.epochOf(room.epoch_seed))
    const outcome = await work(started)
    await started.finish()
    return { result: outcome, change: started }
  })
  change.publish(services.bus)
  return result
}

/** A room under its lock. Each write takes the next seq, stamps it on exactly one row and becomes one event. */
export class RoomChange {
  readonly tx: Tx
  /** The room's current row, including what this change has done so far. */
  readonly room: RoomRow
  readonly #epoch: string
  readonly #events: RoomLogEvent[] = []
  readonly #patch: Updateable<RoomsTable> = {}
  /** Users whose room list this change affects. */
  readonly #affected = new Set<string>()

  constructor(tx: Tx, room: RoomRow, epoch: string) {
    this.tx = tx
    this.room = room
    this.#epoch = epoch
  }

  /** Locks and reads the member rows of these users, including departed ones, in user order. */
  async lockMembers(userIds: string[]): Promise<Map<string, MemberNow>> {
    const locked = this.tx
      .selectFrom('members')
      .selectAll()
      .where('tenant_id', '=', this.room.tenant_id)
      .where('room_id', '=', this.room.id)
      .where('user_id', 'in', userIds)
      .orderBy('user_id')
      .forNoKeyUpdate()
    // The outer statement reads the clock: the inner one would read it before waiting for the lock.
    const rows = await this.tx.selectFrom(locked.as('locked')).selectAll().select(memberClock).execute()
    return new Map(rows.map((row) => [row.user_id, row]))
  }

  /** Adds one member; see `joinAll`. */
  async join(user: NewMember): Promise<MemberRow> {
    const [row] = await this.joinAll([user])
    if (!row) throw new Error('Unable to join; the new member has no row')
    return row
  }

  /**
   * Adds members in this order, or readmits departed ones. Markers start at the head, and newcomers get the history that the room
   * grants. The first to join a room that everybody has left becomes its owner, so that somebody outranks every member. One
   * statement keeps the room's lock from being held for many round trips; each member still takes a seq. A banned user can't join
   * by any route.
   * @throws ChatError MEMBER_BANNED
   */
  async joinAll(users: NewMember[]): Promise<MemberRow[]> {
    if (users.length === 0) return []
    const { tenant_id, id: room_id, last_ordinal, history_visibility, member_count: countBefore } = this.room
    const joining = users.map((user, index) => {
      const seq = this.#nextSeq()
      return {
        ...user,
        tenant_id,
        room_id,
        role: countBefore + index === 0 ? ('owner' as const) : ('member' as const),
        seq,
        joined_seq: seq,
        changed_seq: seq,
        visible_from_seq: history_visibility === 'joined' ? seq : 0,
        read_seq: seq,
        read_ordinal: last_ordinal,
      }
    })
    const rows = await this.tx
      .insertInto('members')
      .values(joining)
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'room_id', 'user_id'])
          .doUpdateSet(RETURN)
          .where((eb) => eb.not(isBanned)),
      )
      .returningAll()
      .execute()
    if (rows.length < users.length) await this.#refuseBanned(users.map((user) => user.user_id))
    const inOrder = rows.toSorted((a, b) => a.joined_seq - b.joined_seq)
    for (const row of inOrder) {
      this.#setMemberCount(this.room.member_count + 1)
      this.#recordMember('member.joined', row)
      this.#affected.add(row.user_id)
    }
    if (this.room.member_count > LIMITS.smallRoom && !this.room.is_large) this.updateRoom({ is_large: true })
    return inOrder
  }

  async updateMember(userId: string, patch: Updateable<MembersTable>): Promise<MemberRow> {
    const isLeaving = patch.left_at !== undefined && patch.left_at !== null
    const row = await this.tx
      .updateTable('members')
      .set({ ...patch, changed_seq: this.#nextSeq() })
      .where('tenant_id', '=', this.room.tenant_id)
      .where('room_id', '=', this.room.id)
      .where('user_id', '=', userId)
      .returningAll()
      .executeTakeFirstOrThrow()
    if (isLeaving) {
      this.#setMemberCount(this.room.member_count - 1)
      this.#affected.add(userId)
      await this.#unfollowThreads(userId)
    }
    this.#recordMember(isLeaving ? 'member.left' : 'member.updated', row)
    return row
  }

  /** Updates columns of a member's row that other members never see; the update gets no entry in the log. */
  async updatePrivate(userId: string, patch: PrivateColumns): Promise<void> {
    await this.tx
      .updateTable('members')
      .set(patch)
      .where('tenant_id', '=', this.room.tenant_id)
      .where('room_id', '=', this.room.id)
      .where('user_id', '=', userId)
      .execute()
  }

  /** Changes a message and returns the message that the event carries. */
  async updateMessage(messageSeq: number, patch: Updateable<MessagesTable>, sender: MemberRow): Promise<Message> {
    const seqs = { changed_seq: this.#nextSeq(), ...(patch.deleted_at ? { deleted_seq: this.room.last_seq } : {}) }
    const row = await this.tx
      .updateTable('messages')
      .set({ ...patch, ...seqs })
      .where('tenant_id', '=', this.room.tenant_id)
      .where('room_id', '=', this.room.id)
      .where('seq', '=', messageSeq)
      .returningAll()
      .executeTakeFirstOrThrow()
    const { user_name, user_picture_url } = sender
    const message = await toOneMessage({ ...row, user_name, user_picture_url })
    const type = row.deleted_seq === row.changed_seq ? 'message.deleted' : 'message.updated'
    this.#record({ type, message, seq: row.changed_seq, prev: row.changed_seq - 1 })
    return message
  }

  /** Changes the room itself. The row is written when the change finishes. */
  updateRoom(patch: RoomPatch, type: RoomEventType = 'room.updated'): void {
    const stamped = { ...patch, changed_seq: this.#nextSeq(), updated_at: new Date() }
    Object.assign(this.#patch, stamped)
    Object.assign(this.room, stamped, patch.meta === undefined ? {} : { meta: parseMeta(patch.meta) })
    this.#record({ type, room: toRoom(this.room, this.#epoch), ...this.#interval() })
  }

  async finish(): Promise<void> {
    if (Object.keys(this.#patch).length > 0) {
      await this.tx
        .updateTable('rooms')
        .set(this.#patch)
        .where('tenant_id', '=', this.room.tenant_id)
        .where('id', '=', this.room.id)
        .execute()
    }
    await bumpUsers(this.tx, this.room.tenant_id, [...this.#affected])
  }

  /** Call after the commit. */
  publish(bus: RoomBus): void {
    const { tenant_id: tenantId, id: roomId } = this.room
    for (const event of this.#events) bus.publishChange({ tenantId, roomId }, this.#epoch, event)
    for (const userId of this.#affected) bus.publish(userChannel(tenantId, userId), { type: 'user.changed' })
  }

  /** Rejects on the first banned user, in the order of the ids. @throws ChatError MEMBER_BANNED */
  async #refuseBanned(userIds: string[]): Promise<never> {
    const members = await this.lockMembers(userIds)
    for (const userId of userIds) {
      const member = members.get(userId)
      if (member) assertNotBanned(member, `Unable to add ${userId}; banned from this room`)
    }
    throw new ChatError('MEMBER_BANNED')
  }

  /** A returning member has no unread threads, just as they have nothing unread in the room. */
  async #unfollowThreads(userId: string): Promise<void> {
    await this.tx
      .deleteFrom('thread_follows')
      .where('tenant_id', '=', this.room.tenant_id)
      .where('user_id', '=', userId)
      .where('room_id', '=', this.room.id)
      .execute()
  }

  #nextSeq(): number {
    this.room.last_seq += 1
    this.#patch.last_seq = this.room.last_seq
    return this.room.last_seq
  }

  #setMemberCount(count: number): void {
    this.room.member_count = count
    this.#patch.member_count = count
  }

  #interval() {
    return { seq: this.room.last_seq, prev: this.room.last_seq - 1 }
  }

  #record(event: RoomLogEvent): void {
    this.#events.push(event)
  }

  #recordMember(type: MemberEventType, row: MemberRow): void {
    const { changed_seq: seq } = row
    this.#record({ type, member: toMember(row), memberCount: this.room.member_count, seq, prev: seq - 1 })
  }
}
