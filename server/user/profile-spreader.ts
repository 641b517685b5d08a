import type { Logger } from 'pino'
import type { UserRow } from '../db/database.ts'
import { changeRoom, type RoomChangeServices } from '../room-log/room-change.ts'
import { ChatError } from '../rpc/chat-error.ts'

/**
 * Carries a changed name or picture into the member rows that show it, one room a transaction. The user's row says that it is
 * under way, so a server that stops in the middle leaves it to the next one that starts.
 */
export class ProfileSpreader {
  readonly #services: RoomChangeServices
  readonly #log: Logger
  readonly #signal: AbortSignal
  /** One user at a time; what comes meanwhile is found by its flag. */
  #work: Promise<void> = Promise.resolve()

  constructor(services: RoomChangeServices, log: Logger, signal: AbortSignal) {
    this.#services = services
    this.#log = log
    this.#signal = signal
  }

  spread(tenantId: string, userId: string): void {
    this.#work = this.#work
      .then(() => this.#spreadUser(tenantId, userId))
      .catch((error: unknown) =>
        this.#log.warn({ err: error, userId }, 'unable to spread a profile; the next start goes on'),
      )
  }

  /** Takes up what an earlier process left. */
  async resume(): Promise<void> {
    const users = await this.#services.database.db
      .selectFrom('users')
      .select(['tenant_id', 'id'])
      .where('is_profile_spreading', '=', true)
      .execute()
    for (const { tenant_id: tenantId, id } of users) this.spread(tenantId, id)
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#work
  }

  async #spreadUser(tenantId: string, userId: string): Promise<void> {
    const { db } = this.#services.database
    const [user, rooms] = await Promise.all([
      this.#readUser(tenantId, userId),
      db
        .selectFrom('members')
        .select('room_id')
        .where('tenant_id', '=', tenantId)
        .where('user_id', '=', userId)
        .where('left_at', 'is', null)
        .execute(),
    ])
    for (const { room_id: roomId } of rooms) {
      if (this.#signal.aborted) return
      await this.#spreadTo(tenantId, roomId, userId)
    }
    await db
      .updateTable('users')
      .set({ is_profile_spreading: false })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', userId)
      .where('updated_at', '=', user.updated_at)
      .execute()
  }

  /** With the profile as it is under the room's lock: of two changes the later one stays. */
  async #spreadTo(tenantId: string, roomId: string, userId: string): Promise<void> {
    try {
      await changeRoom(this.#services, { tenantId, roomId }, async (change) => {
        const member = (await change.lockMembers([userId])).get(userId)
        const { name, picture_url: picture } = await this.#readUser(tenantId, userId)
        if (!member || member.left_at || (member.user_name === name && member.user_picture_url === picture)) return
        await change.updateMember(userId, { user_name: name, user_picture_url: picture })
      })
    } catch (error) {
      if (!(error instanceof ChatError && error.reason === 'NOT_FOUND')) throw error
    }
  }

  #readUser(tenantId: string, userId: string): Promise<Pick<UserRow, 'name' | 'picture_url' | 'updated_at'>> {
    return this.#services.database.db
      .selectFrom('users')
      .select(['name', 'picture_url', 'updated_at'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', userId)
      .executeTakeFirstOrThrow()
  }
}
