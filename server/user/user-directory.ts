import { toName } from '../../shared/text.ts'
import type { Database } from '../db/connect.ts'
import type { UserRow } from '../db/database.ts'
import { ChatError } from '../rpc/chat-error.ts'

/** What is known of a user who asks to come in. */
export interface Arrival {
  tenantId: string
  userId: string
  name?: string | undefined
  pictureUrl?: string | undefined
  /** When the token was issued, in milliseconds; undefined without a token. */
  issuedAt?: number | undefined
}

/** Who the users are, and who of them may come in. */
export class UserDirectory {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * The user's row, made on first sight with the token's name and picture; later the row rules.
   * @throws ChatError TOKEN_REVOKED or USER_BANNED
   */
  async admit(arrival: Arrival): Promise<UserRow> {
    const user = (await this.find(arrival.tenantId, arrival.userId)) ?? (await this.#create(arrival))
    const refused = refusalOf(user, arrival.issuedAt)
    if (refused) throw refused
    return user
  }

  find(tenantId: string, userId: string): Promise<UserRow | undefined> {
    return this.#database.db
      .selectFrom('users')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', '=', userId)
      .executeTakeFirst()
  }

  async #create({ tenantId, userId, name, pictureUrl }: Arrival): Promise<UserRow> {
    const { db } = this.#database
    await db
      .insertInto('users')
      .values({
        tenant_id: tenantId,
        id: userId,
        name: name ?? toName(userId, 'user'),
        picture_url: pictureUrl ?? null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return db
      .selectFrom('users')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', '=', userId)
      .executeTakeFirstOrThrow()
  }
}

/** Why a user, or a token of theirs issued at this time, is not let in; undefined where nothing speaks against it. */
export function refusalOf(user: UserRow, issuedAt: number | undefined): ChatError | undefined {
  const now = Date.now()
  if (user.banned_at && (!user.banned_until || user.banned_until.getTime() > now)) {
    return new ChatError('USER_BANNED', user.banned_until ? { retryAfterMs: user.banned_until.getTime() - now } : {})
  }
  const validFrom = user.tokens_valid_from?.getTime()
  if (issuedAt !== undefined && validFrom !== undefined && issuedAt < validFrom) return new ChatError('TOKEN_REVOKED')
  return undefined
}
