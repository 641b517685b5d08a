import type { Logger } from 'pino'
import type { Db, Tx, UserRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'
import { userKey } from '../lib/keys.ts'
import { changeRoom, type RoomChangeServices } from '../log/room-change.ts'

/** A user whose profile is on its way through their rooms, in the order of the rooms' ids. */
interface Propagation {
  tenantId: string
  userId: string
  /** The profile as it was at the beginning; a later one begins from the first room again. */
  updatedAt: Date | undefined
  /** The last room that has it. */
  afterRoomId: string | undefined
}

/** Rooms of one user in a row, before the next user's turn. */
const ROOMS_IN_TURN = 10
/** Users in the queue. Who does not fit is left out: the user's row says that it is under way, and a later poll finds it. */
const MAX_PROPAGATIONS = 1_000
/** Users that a poll takes up. */
const MAX_RESUMED = 100

/**
 * Carries a changed name or picture into the member rows that show it, one room a transaction and a few rooms of each user in turn, so that
 * one with hundreds of rooms holds nobody up. The user's row says that it is under way, so what a server leaves undone is found by the
 * next poll, of whichever server.
 */
export class ProfilePropagator {
  readonly #services: RoomChangeServices
  readonly #log: Logger
  readonly #signal: AbortSignal
  /** Each user once, next turn first; at most MAX_PROPAGATIONS, and who has had a turn. */
  readonly #queue = new Map<string, Propagation>()
  /** Whose turn it is: in the queue only if their profile has changed meanwhile. */
  #current: string | undefined
  #work: Promise<void> | undefined

  constructor(services: RoomChangeServices, log: Logger, signal: AbortSignal) {
    this.#services = services
    this.#log = log
    this.#signal = signal
  }

  /** From the first room on, also where an earlier profile is on its way. */
  propagate(tenantId: string, userId: string): void {
    const key = userKey({ tenantId, userId })
    if (this.#queue.size >= MAX_PROPAGATIONS && !this.#queue.has(key)) return
    this.#queue.set(key, { tenantId, userId, updatedAt: undefined, afterRoomId: undefined })
    this.#work ??= this.#run()
  }

  /** Takes up what an earlier process left, what failed and what did not fit. */
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

  /** Resolves when nothing is under way. */
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

  /** Answers whether all rooms have it. */
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

  /** With the profile as it is under the room's lock: of two changes the later one stays. */
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
