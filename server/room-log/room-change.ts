import { type Insertable, sql, type Updateable } from 'kysely'
import { LIMITS } from '../../shared/limits.ts'
import type { MemberEventType, MessageEventType, RoomEventType, RoomLogEvent } from '../../shared/room-event.ts'
import { type Bus, roomChannel, userChannel } from '../bus/bus.ts'
import type { Database } from '../db/connect.ts'
import type { MemberRow, MembersTable, MessageRow, MessagesTable, RoomRow, RoomsTable, Tx } from '../db/database.ts'
import { transact } from '../db/transaction.ts'
import { ChatError } from '../rpc/chat-error.ts'
import { toMember } from './member-shape.ts'
import { toMessage } from './message-shape.ts'
import { toRoom } from './room-shape.ts'

/*
 * The lock order, everywhere: rooms in id order, then members in (room, user) order, then users in id order. A change of a room
 * holds the room's row lock from its first statement to the commit, so the order in which `seq` is given is the order in which
 * changes commit and become visible. Rights are read from rows that are locked, or that only holders of the room's lock change:
 * a right that was read before waiting for the lock is stale.
 */

/** What carries a change out: the truth, and the hint that it changed. */
export interface RoomChangeServices {
  database: Database
  bus: Bus
}

type NewMember = Omit<Insertable<MembersTable>, 'tenant_id' | 'room_id' | 'seq' | 'joined_seq' | 'changed_seq'>
type RoomPatch = Updateable<Omit<RoomsTable, 'tenant_id' | 'id' | 'seq' | 'changed_seq' | 'last_seq'>>

/**
 * Makes one durable change of a room: locks it, lets `work` decide from what is locked, writes the room back and, after the commit,
 * tells the feeds. All or nothing; the events have the order of their seqs. @throws ChatError NOT_FOUND for a room that is not there
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

/** A room under its lock. Each write takes the next seq, stamps exactly one row with it and becomes one event. */
export class RoomChange {
  readonly tx: Tx
  /** As it is now, with what this change has done to it so far. */
  readonly room: RoomRow
  readonly #epoch: string
  readonly #events: RoomLogEvent[] = []
  readonly #patch: Updateable<RoomsTable> = {}
  /** Users whose list of rooms this change touches. */
  readonly #affected = new Set<string>()

  constructor(tx: Tx, room: RoomRow, epoch: string) {
    this.tx = tx
    this.room = room
    this.#epoch = epoch
  }

  /** Locks and reads the member rows of these users, departed ones included, in user order. */
  async lockMembers(userIds: string[]): Promise<Map<string, MemberRow>> {
    const rows = await this.tx
      .selectFrom('members')
      .selectAll()
      .where('tenant_id', '=', this.room.tenant_id)
      .where('room_id', '=', this.room.id)
      .where('user_id', 'in', userIds)
      .orderBy('user_id')
      .forNoKeyUpdate()
      .execute()
    return new Map(rows.map((row) => [row.user_id, row]))
  }

  /** Adds a member, or takes a departed one in again: markers at the head, and history as the room grants it to newcomers. */
  async join(user: NewMember): Promise<MemberRow> {
    const seq = this.#nextSeq()
    const visibleFrom = this.room.history_visibility === 'joined' ? seq : 0
    const joining = {
      ...user,
      left_at: null,
      left_reason: null,
      joined_seq: seq,
      changed_seq: seq,
      visible_from_seq: visibleFrom,
      read_seq: seq,
      read_ordinal: this.room.last_ordinal,
    }
    const row = await this.tx
      .insertInto('members')
      .values({ ...joining, tenant_id: this.room.tenant_id, room_id: this.room.id, seq })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'room_id', 'user_id']).doUpdateSet(joining))
      .returningAll()
      .executeTakeFirstOrThrow()
    this.#setMemberCount(this.room.member_count + 1)
    this.#recordMember('member.joined', row)
    this.#affected.add(row.user_id)
    if (this.room.member_count > LIMITS.smallRoom && !this.room.is_large) this.updateRoom({ is_large: true })
    return row
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
    }
    this.#recordMember(isLeaving ? 'member.left' : 'member.updated', row)
    return row
  }

  async updateMessage(seq: number, patch: Updateable<MessagesTable>, sender: MemberRow): Promise<MessageRow> {
    const row = await this.tx
      .updateTable('messages')
      .set({ ...patch, changed_seq: this.#nextSeq() })
      .where('tenant_id', '=', this.room.tenant_id)
      .where('room_id', '=', this.room.id)
      .where('seq', '=', seq)
      .returningAll()
      .executeTakeFirstOrThrow()
    this.#recordMessage(row.deleted_at ? 'message.deleted' : 'message.updated', row, sender)
    return row
  }

  /** Changes the room itself; written when the change finishes. */
  updateRoom(patch: RoomPatch, type: RoomEventType = 'room.updated'): void {
    const stamped = { ...patch, changed_seq: this.#nextSeq(), updated_at: new Date() }
    Object.assign(this.#patch, stamped)
    Object.assign(this.room, stamped, patch.meta === undefined ? {} : { meta: JSON.parse(patch.meta) })
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

  /** After the commit. */
  publish(bus: Bus): void {
    const { tenant_id: tenantId, id } = this.room
    for (const event of this.#events) {
      bus.publish(roomChannel(tenantId, id), { type: 'room.changed', epoch: this.#epoch, event })
    }
    for (const userId of this.#affected) bus.publish(userChannel(tenantId, userId), { type: 'user.changed' })
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
    this.#record({ type, member: toMember(row), memberCount: this.room.member_count, ...this.#interval() })
  }

  #recordMessage(type: MessageEventType, row: MessageRow, sender: MemberRow): void {
    const { user_name, user_picture_url } = sender
    this.#record({ type, message: toMessage({ ...row, user_name, user_picture_url }), ...this.#interval() })
  }
}

/** Counts a change that every node must notice of these users: what rooms they are in, whether their tokens hold. */
export async function bumpUsers(tx: Tx, tenantId: string, userIds: string[]): Promise<void> {
  if (userIds.length === 0) return
  await sql`
    update users set version = version + 1
    from (
      select tenant_id, id from users
      where tenant_id = ${tenantId} and id = any(${userIds}) order by id for no key update
    ) as locked
    where users.tenant_id = locked.tenant_id and users.id = locked.id`.execute(tx)
}
