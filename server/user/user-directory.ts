import DataLoader from 'dataloader'
import { sql } from 'kysely'
import { toName } from '../../shared/text.ts'
import type { Database } from '../db/database.ts'
import type { UserRow } from '../db/schema.ts'
import { ChatError } from '../errors/chat-error.ts'

/** A token can be revoked by its time of issue, in milliseconds. In-process callers are trusted and can't be revoked. */
export type Entrance = { origin: 'token'; issuedAt: number } | { origin: 'process' }

/** The known facts about a user who requests admission. */
export type Arrival = Entrance & {
  tenantId: string
  userId: string
  name?: string | undefined
  pictureUrl?: string | undefined
}

interface UserKey {
  tenantId: string
  userId: string
}

/** Users that share a statement. */
const MAX_BATCH = 500

/** Reads users and decides whether to admit them. Requests in one turn of the event loop share a statement. */
export class UserDirectory {
  readonly #database: Pick<Database, 'db'>
  readonly #loader: DataLoader<UserKey, UserRow | undefined>

  constructor(database: Pick<Database, 'db'>) {
    this.#database = database
    this.#loader = new DataLoader((keys) => this.#read(keys), {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn: (run) => setImmediate(run),
    })
  }

  /**
   * The user's row. It is created on first sight with the token's name and picture; after that, the row is authoritative.
   * @throws ChatError TOKEN_REVOKED or USER_BANNED
   */
  async admit(arrival: Arrival): Promise<UserRow> {
    const user = (await this.find(arrival.tenantId, arrival.userId)) ?? (await this.#create(arrival))
    const refused = refusalOf(user, arrival)
    if (refused) throw refused
    return user
  }

  find(tenantId: string, userId: string): Promise<UserRow | undefined> {
    return this.#loader.load({ tenantId, userId })
  }

  async #read(keys: readonly UserKey[]): Promise<(UserRow | undefined)[]> {
    const asked = sql<{ n: number; tenant_id: string; id: string }>`unnest(
      ${keys.map(({ tenantId }) => tenantId)}::text[], ${keys.map(({ userId }) => userId)}::text[]) with ordinality`
    const rows = await this.#database.db
      .selectFrom(asked.as<'asked'>(sql`asked(tenant_id, id, n)`))
      .innerJoinLateral(
        (eb) =>
          eb
            .selectFrom('users')
            .selectAll()
            .whereRef('tenant_id', '=', 'asked.tenant_id')
            .whereRef('users.id', '=', 'asked.id')
            .limit(1)
            .as('found'),
        (join) => join.onTrue(),
      )
      .selectAll('found')
      .select('asked.n')
      .execute()
    const found = new Map(rows.map((row) => [row.n, row]))
    return keys.map((_, index) => found.get(index + 1))
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

/** The reason why a user or their token is refused; undefined if admitted. */
export function refusalOf(user: UserRow, entrance: Entrance): ChatError | undefined {
  const now = Date.now()
  if (user.banned_at && (!user.banned_until || user.banned_until.getTime() > now)) {
    return new ChatError('USER_BANNED', user.banned_until ? { retryAfterMs: user.banned_until.getTime() - now } : {})
  }
  const validFrom = user.tokens_valid_from?.getTime()
  if (entrance.origin === 'process' || validFrom === undefined) return undefined
  return entrance.issuedAt < validFrom ? new ChatError('TOKEN_REVOKED') : undefined
}
