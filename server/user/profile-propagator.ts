import type { Logger } from 'pino'
import type { Db, Tx, UserRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { userKey } from '../lib/keys.ts'
import { changeRoom, type RoomChangeServices } from '../log/room-change.ts'

/** A user whose profile is being copied into their rooms, in the order of the rooms' ids. */
interface Propagation {
  tenantId: string
  userId: string
  /** The profile's version when the copying began. A later profile starts over with the first room. */
  updatedAt: Date | undefined
  /** The last room that has the profile. */
  afterRoomId: string | undefined
}

/** Rooms of one user per turn. */
const ROOMS_IN_TURN = 10
/** Bound on queued users. Users beyond it are skipped: their row is marked as pending, and a later poll finds them. */
const MAX_PROPAGATIONS = 1_000
/** Users that one poll resumes. */
const MAX_RESUMED = 100

/**
 * Copies a changed name or picture into the member rows that show it, one room per transaction and a few rooms per turn: a user
 * with hundreds of rooms delays nobody. The user's row is marked as pending, which lets the next poll of any server finish what
 * another one left.
 */
export class ProfilePropagator {
  readonly #services: RoomChangeServices
  readonly #log: Logger
  readonly #signal: AbortSignal
  /** Each user once, next turn first; at most MAX_PROPAGATIONS plus the user who just had a turn. */
  readonly #queue = new Map<string, Propagation>()
  /** The user whose turn it is. They are also in the queue only if their profile has changed meanwhile. */
  #current: string | undefined
  #work: Promise<void> | undefined

  constructor(services: RoomChangeServices, log: Logger, signal: AbortSignal) {
    this.#services = services
    this.#log = log
    this.#signal = signal
  }

  /** Starts at the first room, even if an earlier profile is still being copied. */
  propagate(tenantId: string, userId: string): void {
    const key = userKey({ tenantId, userId })
    if (this.#queue.size >= MAX_PROPAGATIONS && !this.#queue.has(key)) return
    this.#queue.set(key, { tenantId, userId, updatedAt: undefined, afterRoomId: undefined })
    this.#work ??= this.#run()
  }

  /** Resumes users that an earlier process left unfinished, that failed, or that did not fit the queue. */
  async reconcile(): Promise<void> {
    if (this.#queue.size >= MAX_PROPAGATIONS) return
    const users = await this.#services.database.db
      .selectFrom('users')
      .select(['tenant_id', 'id'])
      .where('is_profile_spreading', '=', true)
      .limit(this.#queue.size + 1 + MAX_RESUMED)
      .execute()
    for (const { tenant_id: tenantId, id } of users) {
      const key = userKey({ tenantId, userId: id })
      if (key !== this.#current && !this.#queue.has(key)) this.propagate(tenantId, id)
    }
  }

  /** Resolves when nothing is left to copy. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async #run(): Promise<void> {
    for (;;) {
      const [next] = this.#queue
      if (!next || this.#signal.aborted) break
      const [key, propagation] = next
      this.#queue.delete(key)
      this.#current = key
      try {
        // A profile that has changed meanwhile is in the queue again.
        if (!(await this.#takeTurn(propagation)) && !this.#queue.has(key)) this.#queue.set(key, propagation)
      } catch (error) {
        this.#log.warn(
          { err: error, userId: propagation.userId },
          'unable to propagate a profile; the next poll tries again',
        )
      }
    }
    this.#current = undefined
    this.#work = undefined
  }

  /** Whether all rooms have the profile now. */
  async #takeTurn(propagation: Propagation): Promise<boolean> {
    const { tenantId, userId } = propagation
    const { db } = this.#services.database
    propagation.updatedAt ??= (await readUser(db, tenantId, userId)).updated_at
    let rooms = db
      .selectFrom('members')
      .select('room_id')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('left_at', 'is', null)
      .orderBy('room_id')
      .limit(ROOMS_IN_TURN)
    if (propagation.afterRoomId !== undefined) rooms = rooms.where('room_id', '>', propagation.afterRoomId)
    const turn = await rooms.execute()
    for (const { room_id: roomId } of turn) {
      if (this.#signal.aborted) return true
      await this.#propagateTo(tenantId, roomId, userId)
      propagation.afterRoomId = roomId
    }
    if (turn.length === ROOMS_IN_TURN) return false
    await db
      .updateTable('users')
      .set({ is_profile_spreading: false })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', userId)
      .where('updated_at', '=', propagation.updatedAt)
      .execute()
    return true
  }

  /** Copies the profile as it is under the room's lock: of two changes the later one wins. */
  async #propagateTo(tenantId: string, roomId: string, userId: string): Promise<void> {
    try {
      await changeRoom(this.#services, { tenantId, roomId }, async (change) => {
        const member = (await change.lockMembers([userId])).get(userId)
        const { name: ownName, picture_url: picture } = await readUser(change.tx, tenantId, userId)
        const name = member?.settings.nickname ?? ownName
        if (!member || member.left_at || (member.user_name === name && member.user_picture_url === picture)) return
        await change.updateMember(userId, { user_name: name, user_picture_url: picture })
      })
    } catch (error) {
      if (!(error instanceof ChatError && error.reason === 'NOT_FOUND')) throw error
    }
  }
}

const readUser = (
  db: Db | Tx,
  tenantId: string,
  userId: string,
): Promise<Pick<UserRow, 'name' | 'picture_url' | 'updated_at'>> =>
  db
    .selectFrom('users')
    .select(['name', 'picture_url', 'updated_at'])
    .where('tenant_id', '=', tenantId)
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
