import type { Logger } from 'pino'
import type { Db, Tx, UserRow } from '../db/database.ts'
import { changeRoom, type RoomChangeServices } from '../room-log/room-change.ts'
import { ChatError } from '../rpc/chat-error.ts'

/**
 * Carries a changed name or picture into the member rows that show it, one room a transaction. The user's row says that it is
 * under way, so what a server leaves undone is found by the next poll, of whichever server.
 */
export class ProfileSpreader {
  readonly #services: RoomChangeServices
  readonly #log: Logger
  readonly #signal: AbortSignal
  /** Users whose profile is to be carried, each once: whoever changes it again meanwhile is taken up again. */
  readonly #pending = new Map<string, { tenantId: string; userId: string }>()
  #work: Promise<void> | undefined

  constructor(services: RoomChangeServices, log: Logger, signal: AbortSignal) {
    this.#services = services
    this.#log = log
    this.#signal = signal
  }

  spread(tenantId: string, userId: string): void {
    this.#pending.set(JSON.stringify([tenantId, userId]), { tenantId, userId })
    this.#work ??= this.#run()
  }

  /** Takes up what an earlier process left, and what failed. */
  async reconcile(): Promise<void> {
    const users = await this.#services.database.db
      .selectFrom('users')
      .select(['tenant_id', 'id'])
      .where('is_profile_spreading', '=', true)
      .limit(MAX_RESUMED)
      .execute()
    for (const { tenant_id: tenantId, id } of users) this.spread(tenantId, id)
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work
  }

  async #run(): Promise<void> {
    for (const [key, { tenantId, userId }] of this.#pending) {
      if (this.#signal.aborted) break
      this.#pending.delete(key)
      try {
        await this.#spreadUser(tenantId, userId)
      } catch (error) {
        this.#log.warn({ err: error, userId }, 'unable to spread a profile; the next poll tries again')
      }
    }
    this.#work = undefined
  }

  async #spreadUser(tenantId: string, userId: string): Promise<void> {
    const { db } = this.#services.database
    const [user, rooms] = await Promise.all([
      readUser(db, tenantId, userId),
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

const MAX_RESUMED = 100

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
